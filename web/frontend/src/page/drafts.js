/** What is typed into a form with data-draft is kept by itself. */
import { text } from '../text.js';
import { unsaved } from './forms.js';

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
