/** A picture in its page, larger and smaller. PDFs have a script of their own, ../pdf.js. */

const STEP = 1.25;
const MOST = 8;

for (const preview of document.querySelectorAll('[data-picture]')) {
  const picture = preview.querySelector('img');
  const tools = preview.querySelector('.preview-tools');
  let scale = 1; // of what fits into the frame
  tools.hidden = false;
  tools.addEventListener('click', (event) => {
    const wanted = event.target.closest('[data-zoom]')?.dataset.zoom;
    if (!wanted) return;
    scale = { in: Math.min(scale * STEP, MOST), out: Math.max(scale / STEP, 1), fit: 1 }[wanted];
    picture.classList.toggle('is-zoomed', scale !== 1);
    picture.style.width = scale === 1 ? '' : `${Math.round(scale * 100)}%`;
    tools.querySelector('[data-scale]').textContent = `${Math.round(scale * 100)}%`;
  });
}
