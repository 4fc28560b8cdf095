/** Diagrams with data-script: what draws one comes when it is opened and seen, so that the page itself stays light. */

const NARROW = matchMedia('(max-width: 35.99em)');

for (const fold of document.querySelectorAll('details[data-fold-diagram]')) {
  if (NARROW.matches) fold.open = false;
  fold.dataset.ready = 'true'; // from here on it shows what it is: see diagram.css
}

for (const host of document.querySelectorAll('[data-diagram][data-script]')) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    draw(host);
  });
  const watch = () => seen.observe(host);
  if (document.readyState === 'complete') watch();
  else window.addEventListener('load', watch);
}

/** Fetches the viewer by the addresses in an element's data, which looks for diagrams by itself. */
export function draw(host) {
  const styles = document.createElement('link');
  styles.rel = 'stylesheet';
  styles.href = host.dataset.styles;
  styles.addEventListener('load', () => import(host.dataset.script));
  document.head.append(styles);
}
