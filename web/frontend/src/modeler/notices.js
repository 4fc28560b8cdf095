/** What the page says above the diagram: the status of saving, and notices that ask for a decision. */
import { isEnglish, text } from '../text.js';
import { logInAddress } from '../page/session.js';

const LANGUAGE = isEnglish() ? 'en-GB' : 'id-ID';
const clock = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });

/** @returns {string} a time today by its hour, another day's with the date */
export function when(moment) {
  const at = new Date(moment);
  const today = at.toDateString() === new Date().toDateString();
  return today ? text(`pukul ${clock.format(at)}`, `at ${clock.format(at)}`) : text(`pada ${day.format(at)}`, `on ${day.format(at)}`);
}

export function button(words, act, look = 'btn-outline-primary') {
  const made = document.createElement('button');
  Object.assign(made, { type: 'button', className: `btn btn-sm ${look}`, textContent: words });
  made.addEventListener('click', act);
  return made;
}

const STAYS = text('Pekerjaan Anda tetap ada di halaman ini', 'Your work is still on this page');

const SAID = {
  clean: ['saved', () => text('Belum ada perubahan. Perubahan disimpan sendiri.', 'No changes yet. Changes are saved by themselves.')],
  dirty: ['dirty', () => text('Ada perubahan yang segera disimpan.', 'There are changes, to be saved in a moment.')],
  busy: ['busy', () => text('Menyimpan …', 'Saving …')],
  saved: ['saved', () => text(`Tersimpan ${when(Date.now())}.`, `Saved ${when(Date.now())}.`)],
  conflict: ['error', () => text('Belum tersimpan: orang lain sudah menyimpan SOP ini.', 'Not saved: somebody else has saved this SOP.')],
  ended: ['error', () => text(
    `Sesi Anda telah berakhir. ${STAYS} dan disimpan setelah Anda masuk lagi.`,
    `Your session has ended. ${STAYS} and is saved once you have logged in again.`,
  )],
  other: ['error', () => text(
    `Orang lain kini masuk di peramban ini. ${STAYS}, belum tersimpan; masuk lagi sebagai diri Anda.`,
    `Somebody else is now logged in in this browser. ${STAYS}, not saved; log in again as yourself.`,
  )],
  unreachable: ['error', () => text(
    `Belum tersimpan: server tidak dapat dihubungi. ${STAYS} dan dicoba lagi sebentar lagi.`,
    `Not saved: the server cannot be reached. ${STAYS} and is tried again in a moment.`,
  )],
  refused: ['error', (message) => text(`Belum tersimpan. ${message}`, `Not saved. ${message}`)],
};

/** @param {HTMLElement} line `role="status"` */
export function statusIn(line, download) {
  let shown = '';
  return (kind, outcome) => {
    const [look, words] = SAID[kind];
    const said = words(outcome?.message ?? '');
    if (shown === said) return; // a retry that fails again is no news
    shown = said;
    line.className = `modeler-status is-${look}`;
    line.replaceChildren(said);
    if (kind === 'ended' || kind === 'other') line.append(' ', logInLink());
    if (look === 'error' && kind !== 'conflict') {
      line.append(' ', button(text('Unduh pekerjaan saya', 'Download my work'), download));
    }
  };
}

function logInLink() {
  const link = document.createElement('a');
  Object.assign(link, { href: logInAddress(), target: '_blank', textContent: text('Masuk di tab baru', 'Log in in a new tab') });
  return link;
}

/** @param {HTMLElement} place where notices stand, one at a time */
export function noticesIn(place) {
  return {
    clear: () => place.replaceChildren(),
    /** @param {[string, () => void, string?][]} choices words and act of each button */
    ask(words, choices) {
      const notice = document.createElement('div');
      notice.className = 'modeler-notice';
      const said = document.createElement('p');
      said.textContent = words;
      const buttons = document.createElement('div');
      buttons.className = 'modeler-notice-buttons';
      buttons.append(...choices.map(([label, act, look]) => button(label, act, look)));
      notice.append(said, buttons);
      place.replaceChildren(notice);
    },
  };
}
