/** What is typed into a form with data-draft is kept by itself, also past the end of the session. */
import { text } from '../text.js';
import { unsaved } from './forms.js';
import { TIMEOUT, renew } from './session.js';

const PAUSE = 2_000; // milliseconds without a key

for (const form of document.querySelectorAll('form[data-draft]')) {
  const status = form.querySelector('[data-draft-status]');
  let timer;
  let last = Promise.resolve();
  const soon = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(() => keep(form, status));
    }, pause);
  };
  form.addEventListener('input', () => soon(PAUSE));
  form.addEventListener('submit', () => clearTimeout(timer));
  // Back from logging in elsewhere, or back within reach of the network: what could not be kept is kept now.
  const again = () => form.dataset.unkept && soon(0);
  document.addEventListener('visibilitychange', () => document.hidden || again());
  window.addEventListener('focus', again);
  window.addEventListener('online', again);
}

/** Keeps what is in the form; says that it was kept, or why not. What is typed stays in the form in any case. */
async function keep(form, status) {
  if (form.dataset.sent) return;
  try {
    let answer = await send(form);
    if (answer.status === 400 || answer.status === 401) {
      const now = await renew();
      if (now !== 'same') {
        form.dataset.unkept = 'true';
        askToLogIn(status, now);
        return;
      }
      answer = await send(form);
    }
    const { message } = await answer.json();
    status.textContent = message;
    delete form.dataset.unkept;
    if (answer.ok) unsaved.delete(form);
  } catch {
    form.dataset.unkept = 'true';
    status.textContent = text('Draf belum tersimpan: tidak ada sambungan.', 'Draft not saved: no connection.');
  }
}

function send(form) {
  return fetch(form.dataset.draft, {
    method: 'POST',
    body: new FormData(form),
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT),
  });
}

/** Says that nobody, or somebody else, is logged in by now, and offers to log in beside this page. */
function askToLogIn(status, now) {
  if (status.querySelector('a')) return; // said before
  const link = document.createElement('a');
  Object.assign(link, { href: '/masuk', target: '_blank', textContent: text('Masuk di tab baru', 'Log in in a new tab') });
  status.replaceChildren(
    now === 'ended'
      ? text(
          'Sesi Anda telah berakhir. Yang Anda tulis tetap ada di halaman ini dan disimpan setelah Anda masuk lagi. ',
          'Your session has ended. What you wrote is still on this page and is saved once you have logged in again. ',
        )
      : text(
          'Orang lain kini masuk di peramban ini. Yang Anda tulis belum tersimpan; masuk lagi sebagai diri Anda. ',
          'Somebody else is now logged in in this browser. What you wrote is not saved; log in again as yourself. ',
        ),
    link,
  );
}
