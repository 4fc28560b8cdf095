/** Forms: sent once, asked about first where they say so, and not left by accident with something typed. */
import { text } from '../text.js';

// --- A form is sent once ----------------------------------------------------------------------------------------

/** Forms in which something was typed that is nowhere else. */
export const unsaved = new Set();

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
