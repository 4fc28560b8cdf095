/** Shortcuts of the keyboard on lists, Ctrl+Enter in forms, and the dialog that explains them and turns them off. */
import { text } from '../text.js';

// --- On or off ----------------------------------------------------------------------------------------------------

const KEY = 'lajur:pintasan';

function isOn() {
  try {
    return localStorage.getItem(KEY) !== 'mati';
  } catch {
    return true;
  }
}

function turn(on) {
  try {
    localStorage.setItem(KEY, on ? 'hidup' : 'mati');
  } catch {
    // Without storage they stay on.
  }
}

// --- What the keys do -----------------------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll('[data-rows] > [data-row]')];
const rowAt = () => document.activeElement?.closest('[data-rows] > [data-row]');

/** Goes to the row so many further on; from elsewhere to the first one that is in view. */
function go(steps) {
  const all = rows();
  const here = all.indexOf(rowAt());
  const inView = all.findIndex((row) => row.getBoundingClientRect().top >= 0);
  const to = here < 0 ? Math.max(0, inView) : Math.min(Math.max(here + steps, 0), all.length - 1);
  const link = all[to]?.querySelector('a[href]');
  link?.focus();
  link?.scrollIntoView({ block: 'nearest' });
  return Boolean(link);
}

function tick() {
  const box = rowAt()?.querySelector('.task-tick');
  box?.click();
  return Boolean(box);
}

function search() {
  const field = document.querySelector('[role="search"] input[type="search"]');
  field?.focus();
  field?.select();
  return Boolean(field);
}

/** What a key does here: a function that says whether it did; undefined for a key that is none of ours. */
function deed(key) {
  if (key === 'j' || (key === 'ArrowDown' && rowAt())) return () => go(1);
  if (key === 'k' || (key === 'ArrowUp' && rowAt())) return () => go(-1);
  return { x: tick, '/': search, '?': help }[key];
}

const TYPED = 'textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="button"])';

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || !isOn()) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    if (send(event.target.form)) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(`${TYPED}, dialog, .modeler`)) return;
  if (deed(event.key)?.()) event.preventDefault();
});

/** Sends a form that has exactly one button onward, as if it were pressed. */
function send(form) {
  const buttons = [...(form?.elements ?? [])].filter((one) => one.type === 'submit' && !one.hasAttribute('formaction'));
  if (form?.method !== 'post' || buttons.length !== 1 || 'return' in buttons[0].dataset) return false;
  form.requestSubmit(buttons[0]);
  return true;
}

// --- The dialog that explains them ----------------------------------------------------------------------------------

const KEYS = [
  [['j', '↓'], text('Baris berikutnya', 'Next row')],
  [['k', '↑'], text('Baris sebelumnya', 'Previous row')],
  [['Enter'], text('Buka baris itu', 'Open the row')],
  [['x'], text('Pilih baris itu, atau batalkan pilihannya', 'Tick the row, or untick it')],
  [['/'], text('Cari', 'Search')],
  [['Ctrl + Enter'], text('Kirim isian yang sedang diketik', 'Send the form one is typing in')],
  [['?'], text('Bantuan ini', 'This help')],
];

function make(tag, more = {}, ...children) {
  const element = Object.assign(document.createElement(tag), more);
  element.append(...children);
  return element;
}

function help() {
  const title = make('h2', { id: 'keys-title', textContent: text('Pintasan papan ketik', 'Keyboard shortcuts') });
  const names = make('dl', { className: 'keys-list' });
  for (const [keys, what] of KEYS) {
    names.append(make('div', {}, make('dt', {}, ...keys.map((key) => make('kbd', { textContent: key }))), make('dd', { textContent: what })));
  }
  const box = make('input', { type: 'checkbox', className: 'form-check-input', id: 'keys-on', checked: isOn() });
  box.addEventListener('change', () => turn(box.checked));
  const words = text('Pakai pintasan ini di peramban ini', 'Use these shortcuts in this browser');
  const choice = make('div', { className: 'form-check' }, box, make('label', { className: 'form-check-label', htmlFor: 'keys-on', textContent: words }));
  const close = make('button', { className: 'btn btn-primary', textContent: text('Tutup', 'Close') });
  const form = make('form', { method: 'dialog', className: 'ask-buttons' }, close);
  const dialog = make('dialog', { className: 'ask keys' }, title, names, choice, form);
  dialog.setAttribute('aria-labelledby', title.id);
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  return true;
}

for (const button of document.querySelectorAll('[data-keys-help]')) {
  button.hidden = false;
  button.addEventListener('click', help);
}
