/** Small helps for forms. Every page works without this file. */
import { text } from './text.js';

// --- A form is sent once ----------------------------------------------------------------------------------------

const unsaved = new Set();

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'true';
  unsaved.delete(form);
  event.submitter?.setAttribute('aria-busy', 'true');
  setTimeout(letSendAgain, 15_000); // the answer may have been a file, or nothing
});

function letSendAgain() {
  document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent);
  document.querySelectorAll('[aria-busy="true"]').forEach((button) => button.removeAttribute('aria-busy'));
}

// The page may come back from the browser's cache.
window.addEventListener('pageshow', letSendAgain);

// --- data-confirm="Question?" on a button or a form ---------------------------------------------------------------

/** Asks in a dialog; resolves to whether the answer was yes. */
function ask(question) {
  const dialog = document.createElement('dialog');
  dialog.className = 'ask';
  const words = document.createElement('p');
  words.textContent = question;
  words.id = 'ask-question';
  dialog.setAttribute('aria-labelledby', words.id);
  const form = document.createElement('form');
  form.method = 'dialog';
  form.className = 'ask-buttons';
  for (const [value, label, look] of [
    ['', text('Batal', 'Cancel'), 'btn btn-quiet'],
    ['yes', text('Ya, lanjutkan', 'Yes, continue'), 'btn btn-primary'],
  ]) {
    const button = document.createElement('button');
    Object.assign(button, { value, textContent: label, className: look });
    form.append(button);
  }
  dialog.append(words, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}

// Captured on the window, so before the listener above sees the submit.
window.addEventListener(
  'submit',
  async (event) => {
    const form = event.target;
    const button = event.submitter;
    const question = button?.dataset.confirm ?? form.dataset.confirm;
    if (!question || form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (await ask(question)) {
      form.dataset.confirmed = 'true';
      form.requestSubmit(button);
    }
  },
  { capture: true },
);

// --- Returning a task needs a reason ------------------------------------------------------------------------------

document.addEventListener('click', (event) => {
  const choice = event.target.closest('button[name], input[type="radio"]');
  const reason = choice?.form?.querySelector('[data-reason]');
  if (!reason) return;
  reason.required = 'return' in choice.dataset;
  if (reason.required) reason.closest('details')?.setAttribute('open', '');
});

// --- Unsaved text on forms with data-guard -------------------------------------------------------------------------

document.addEventListener('input', (event) => {
  const form = event.target.form;
  if (form?.matches('[data-guard]')) unsaved.add(form);
});

window.addEventListener('beforeunload', (event) => {
  if (unsaved.size) event.preventDefault();
});

// --- What is typed into a form with data-draft is kept by itself ----------------------------------------------------

const PAUSE = 2_000; // milliseconds without a key

for (const form of document.querySelectorAll('form[data-draft]')) {
  const status = form.querySelector('[data-draft-status]');
  let timer;
  let last = Promise.resolve();
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(() => keep(form, status));
    }, PAUSE);
  });
  form.addEventListener('submit', () => clearTimeout(timer));
}

/** Sends what is in the form; says that it was kept, or why not. */
async function keep(form, status) {
  if (form.dataset.sent) return;
  try {
    const answer = await fetch(form.dataset.draft, {
      method: 'POST',
      body: new FormData(form),
      headers: { Accept: 'application/json' },
    });
    const { message } = await answer.json();
    status.textContent = message;
    if (answer.ok) unsaved.delete(form);
  } catch {
    status.textContent = text('Draf belum tersimpan: tidak ada sambungan.', 'Draft not saved: no connection.');
  }
}

// --- The user menu closes like a menu ------------------------------------------------------------------------------

const menu = document.querySelector('.usermenu');

document.addEventListener('click', (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && menu?.open) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

// --- A table shown as cards stays a table for screen readers --------------------------------------------------------

for (const table of document.querySelectorAll('.table-cards')) {
  table.setAttribute('role', 'table');
  table.querySelectorAll('thead, tbody').forEach((group) => group.setAttribute('role', 'rowgroup'));
  table.querySelectorAll('tr').forEach((row) => row.setAttribute('role', 'row'));
  table.querySelectorAll('th').forEach((cell) => cell.setAttribute('role', 'columnheader'));
  table.querySelectorAll('td').forEach((cell) => cell.setAttribute('role', 'cell'));
}
