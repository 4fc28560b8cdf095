/** Two diagrams beside each other: what draws them comes when they are seen, so that the page itself stays light. */
import { draw } from './diagram.js';

for (const pair of document.querySelectorAll('[data-diagrams-together][data-script]')) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    draw(pair);
  });
  const watch = () => seen.observe(pair);
  if (document.readyState === 'complete') watch();
  else window.addEventListener('load', watch);
}
