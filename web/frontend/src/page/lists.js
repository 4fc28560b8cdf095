/** A list of work: many rows ticked at once, and found again as one left it. */
import { text } from '../text.js';
import { person } from './session.js';

const list = document.querySelector('[data-list]');

// --- Many at once -------------------------------------------------------------------------------------------------

const ticks = () => [...list.querySelectorAll('.task-tick')];

/** Says how many are ticked: on the button, on the box for all of them, and by letting the bar stay in view. */
export function countTicks() {
  const bar = list?.querySelector('.many');
  if (!bar) return;
  const all = bar.querySelector('[data-tick-all]');
  const words = bar.querySelector('[data-tick-count]');
  const count = ticks().filter((tick) => tick.checked).length;
  all.closest('label').hidden = false;
  all.checked = count > 0 && count === ticks().length;
  all.indeterminate = count > 0 && !all.checked;
  bar.classList.toggle('is-ticked', count > 0);
  words.dataset.words ??= words.textContent;
  words.textContent = count ? withCount(words.dataset.tickCount, count) : words.dataset.words;
}

function withCount(verb, count) {
  if (verb === 'runs') return text(`Tinjau ${count} berkas`, `Review ${count} ${count === 1 ? 'run' : 'runs'}`);
  const one = count === 1 ? 'task' : 'tasks';
  return verb === 'claim' ? text(`Ambil ${count} tugas`, `Claim ${count} ${one}`) : text(`Lepas ${count} tugas`, `Release ${count} ${one}`);
}

list?.addEventListener('change', (event) => {
  if (event.target.matches('[data-tick-all]')) {
    for (const tick of ticks()) tick.checked = event.target.checked && !tick.closest('[data-gone]');
  }
  countTicks();
});

// --- As one left it -----------------------------------------------------------------------------------------------

const KEY = `lajur:${person}:${location.pathname}${location.search}`;
const KEPT_FOR = 60 * 60 * 1000; // milliseconds for which a list is remembered behind a task

let openedRow;

/** The row out of which somebody went to a task: by its link, or by claiming it. */
const noteRow = (event) => {
  openedRow = event.target.closest('a[href], form')?.closest('[data-row]')?.dataset.row;
};

function remember() {
  const rows = [...list.querySelectorAll('[data-row]')];
  const row = openedRow ?? document.activeElement?.closest?.('[data-row]')?.dataset.row;
  const state = {
    at: Date.now(),
    opened: Boolean(openedRow),
    top: scrollY,
    row,
    place: rows.findIndex((one) => one.dataset.row === row),
    ticks: ticks()
      .filter((tick) => tick.checked)
      .map((tick) => tick.value),
  };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // Without storage a list begins at its top.
  }
}

function remembered() {
  try {
    const state = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    return state && Date.now() - state.at < KEPT_FOR ? state : null;
  } catch {
    return null;
  }
}

/** Whether this page is one to which somebody comes back, rather than goes on. */
function isReturn(state) {
  const [how] = performance.getEntriesByType('navigation');
  return state.opened || how?.type === 'back_forward' || how?.type === 'reload';
}

function restore() {
  const state = remembered();
  if (!state || !isReturn(state)) return;
  for (const tick of ticks()) tick.checked = state.ticks.includes(tick.value);
  const rows = [...list.querySelectorAll('[data-row]')];
  // A task that was finished is gone: then its place is where one goes on.
  const row = rows.find((one) => one.dataset.row === state.row) ?? rows[Math.min(state.place, rows.length - 1)];
  if (state.row && !location.hash) row?.querySelector('a[href]')?.focus({ preventScroll: true });
  scrollTo(0, state.top);
  if (scrollY > 100) floatMessages();
}

/** Lets what was told about the task stay in view where the list is not at its top. */
function floatMessages() {
  const messages = document.querySelector('.flashes');
  if (!messages) return;
  const close = document.createElement('button');
  Object.assign(close, { type: 'button', className: 'btn btn-sm btn-outline-primary', textContent: text('Tutup', 'Close') });
  close.addEventListener('click', () => messages.remove());
  messages.append(close);
  messages.classList.add('is-afloat');
}

if (list) {
  list.addEventListener('click', noteRow);
  list.addEventListener('submit', noteRow);
  window.addEventListener('pageshow', (event) => {
    openedRow = undefined;
    if (!event.persisted) restore();
    countTicks();
  });
  window.addEventListener('pagehide', remember);
}
