/** A PDF in its page: drawn sheet by sheet as they come into view, with their text for screen readers and for copying. */
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import { text } from './text.js';

const STEP = 1.25;
const LEAST = 0.25;
const MOST = 5;
const PIXELS = 8_000_000; // of one sheet: phones draw no larger ones
const CSS = pdfjs.PixelsPerInch.PDF_TO_CSS_UNITS;

const preview = document.querySelector('[data-pdf]');
const sheets = preview.querySelector('.preview-sheets');
const tools = preview.querySelector('.preview-tools');
const note = preview.querySelector('.preview-note');

open().catch(explain);

async function open() {
  note.textContent = text('Memuat dokumen…', 'Loading the document…');
  pdfjs.GlobalWorkerOptions.workerSrc = preview.dataset.worker;
  const parts = new URL(preview.dataset.parts, location.href).href;
  const pdf = await pdfjs.getDocument({
    url: preview.dataset.pdf,
    // Only what is looked at is fetched, in pieces; a phone pays for them.
    rangeChunkSize: 1 << 18,
    disableAutoFetch: true,
    disableStream: true,
    isEvalSupported: false,
    enableXfa: false,
    useWasm: false, // our Content Security Policy allows none
    wasmUrl: parts,
    standardFontDataUrl: parts,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  }).promise;
  const first = await pdf.getPage(1);
  note.remove();
  show(pdf, first.getViewport({ scale: CSS }));
}

function explain(error) {
  const words = {
    PasswordException: text(
      'PDF ini dikunci dengan kata sandi. Unduh dokumennya, lalu buka dengan kata sandi itu.',
      'This PDF is locked with a password. Download it, and open it with that password.',
    ),
    InvalidPDFException: text(
      'PDF ini rusak dan tidak dapat ditampilkan. Unduh dokumennya, atau minta dikirim ulang.',
      'This PDF is damaged and cannot be shown. Download it, or ask for it to be sent again.',
    ),
  }[error?.name];
  const other = text(
    'Dokumen tidak dapat dimuat. Periksa sambungan, lalu muat ulang halaman ini.',
    'The document cannot be loaded. Check the connection, and load this page again.',
  );
  note.textContent = words ?? other;
  note.classList.add('is-error');
  sheets.replaceChildren(note);
}

/** Lays out a place for every sheet, and draws those that are near. `like` is the first one's size. */
function show(pdf, like) {
  let scale = 1;
  let fits = true;
  const places = Array.from({ length: pdf.numPages }, (_, index) => place(index + 1, pdf.numPages, like));
  sheets.append(...places.map(({ holder }) => holder));
  const near = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        const one = places[target.dataset.sheet - 1];
        if (isIntersecting) draw(pdf, one, scale).catch(() => blank(one));
        else blank(one);
      }
    },
    { root: sheets, rootMargin: '75% 0px' },
  );
  tools.hidden = false;
  tools.querySelector('[data-count]').textContent = pdf.numPages;
  zoom(fit());
  places.forEach(({ holder }) => near.observe(holder));

  const number = tools.querySelector('[data-number]');
  number.addEventListener('change', () => go(Number.parseInt(number.value, 10)));
  tools.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button?.dataset.go) go(current() + Number(button.dataset.go));
    if (button?.dataset.zoom) {
      fits = button.dataset.zoom === 'fit';
      zoom({ in: scale * STEP, out: scale / STEP, fit: fit() }[button.dataset.zoom]);
    }
  });
  let frame;
  sheets.addEventListener('scroll', () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (document.activeElement !== number) number.value = current();
    });
  });
  new ResizeObserver(() => {
    if (fits && Math.abs(fit() - scale) > 0.01) zoom(fit());
  }).observe(sheets);

  /** The scale at which the first sheet is as wide as the frame. */
  function fit() {
    const { paddingLeft, paddingRight } = getComputedStyle(sheets);
    return (sheets.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)) / like.width;
  }

  /** Draws at another scale, with the same spot of the document on top. */
  function zoom(wanted) {
    const spot = sheets.scrollTop / (sheets.scrollHeight || 1);
    scale = Math.min(Math.max(wanted, LEAST), MOST);
    tools.querySelector('[data-scale]').textContent = `${Math.round(scale * 100)}%`;
    for (const one of places) {
      measure(one, scale);
      if (!one.drawn) continue;
      blank(one);
      draw(pdf, one, scale).catch(() => blank(one));
    }
    sheets.scrollTop = spot * sheets.scrollHeight;
  }

  function go(wanted) {
    const to = Math.min(Math.max(wanted || 1, 1), places.length);
    sheets.scrollTop = places[to - 1].holder.offsetTop - places[0].holder.offsetTop;
    number.value = to;
  }

  /** The sheet that covers the middle of the frame. */
  function current() {
    const middle = sheets.scrollTop + sheets.clientHeight / 2 + places[0].holder.offsetTop;
    const after = places.findIndex(({ holder }) => holder.offsetTop > middle);
    return after < 0 ? places.length : Math.max(after, 1);
  }
}

function place(sheet, count, size) {
  const holder = document.createElement('div');
  holder.className = 'preview-sheet';
  holder.dataset.sheet = sheet;
  holder.setAttribute('role', 'group');
  holder.setAttribute('aria-label', text(`Halaman ${sheet} dari ${count}`, `Page ${sheet} of ${count}`));
  return { sheet, holder, width: size.width, height: size.height, drawn: null };
}

function measure({ holder, width, height }, scale) {
  holder.style.width = `${Math.floor(width * scale)}px`;
  holder.style.height = `${Math.floor(height * scale)}px`;
}

/** Draws a sheet unless it is drawn; the picture is for eyes, the text over it for everybody else. */
async function draw(pdf, one, scale) {
  if (one.drawn) return;
  const mine = (one.drawn = { cancel: [] });
  const page = await pdf.getPage(one.sheet);
  if (one.drawn !== mine) return;
  const viewport = page.getViewport({ scale: scale * CSS });
  Object.assign(one, { width: viewport.width / scale, height: viewport.height / scale });
  measure(one, scale);
  const canvas = document.createElement('canvas');
  const sharp = Math.min(devicePixelRatio || 1, Math.sqrt(PIXELS / (viewport.width * viewport.height)));
  canvas.width = Math.floor(viewport.width * sharp);
  canvas.height = Math.floor(viewport.height * sharp);
  canvas.setAttribute('aria-hidden', 'true');
  const layer = document.createElement('div');
  layer.className = 'preview-text';
  one.holder.style.setProperty('--total-scale-factor', scale * CSS);
  one.holder.replaceChildren(canvas, layer);
  const picture = page.render({ canvas, viewport, transform: [sharp, 0, 0, sharp, 0, 0] });
  const words = new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: layer, viewport });
  mine.cancel.push(() => picture.cancel(), () => words.cancel());
  await Promise.all([picture.promise, words.render()]).catch((error) => {
    if (one.drawn === mine) throw error;
  });
  if (one.drawn === mine && !layer.textContent.trim()) layer.append(wordless());
}

function wordless() {
  const words = document.createElement('p');
  words.className = 'visually-hidden';
  words.textContent = text('Halaman ini berupa gambar tanpa teks.', 'This page is a picture without text.');
  return words;
}

/** Gives the memory of a sheet back; its place stays. */
function blank(one) {
  one.drawn?.cancel.forEach((cancel) => cancel());
  one.drawn = null;
  const canvas = one.holder.querySelector('canvas');
  if (canvas) canvas.width = canvas.height = 0;
  one.holder.replaceChildren();
}
