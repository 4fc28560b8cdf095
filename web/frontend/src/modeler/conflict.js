/** Somebody else saved the SOP in the meantime: says who and when, and leaves it to the person what becomes of both. */
import { text } from '../text.js';
import { when } from './notices.js';

/**
 * @param {object} parts
 * @param {() => Promise<string>} parts.xml what is drawn here
 * @param {(theirs: import('./saving.js').Stored) => void} parts.take opens what is saved in place of what is drawn
 * @param {(revision: number) => void} parts.replace saves what is drawn in place of it
 * @param {(mine: string, theirs: string) => void} parts.compare shows both
 */
export function createConflict({ draft, notices, xml, download, take, replace, compare }) {
  /** As long as the server does not say what it has, nothing can be decided. */
  async function ask() {
    const { kind, answer: theirs } = await draft.stored();
    if (kind !== 'done') {
      notices.ask(text('Orang lain sudah menyimpan SOP ini, dan yang tersimpan belum dapat dibaca.',
        'Somebody else has saved this SOP, and what is saved cannot be read yet.'), [
        [text('Coba lagi', 'Try again'), ask, 'btn-primary'],
        [text('Unduh pekerjaan saya', 'Download my work'), download],
      ]);
      return;
    }
    if (theirs.xml === (await xml())) {
      replace(theirs.revision); // it was ours: only the answer was lost
      return;
    }
    notices.ask(words(theirs), [
      [text('Bandingkan', 'Compare'), async () => compare(await xml(), theirs.xml), 'btn-primary'],
      [text('Unduh pekerjaan saya', 'Download my work'), download],
      [text('Pakai yang tersimpan', 'Use what is saved'), () => take(theirs)],
      [text('Simpan sebagai pengganti', 'Save in its place'), () => replace(theirs.revision)],
    ]);
  }

  return ask;
}

function words({ saved_by: who, saved_at: at }) {
  const who_and_when = who
    ? text(`SOP ini sudah disimpan oleh ${who} ${when(at)}, setelah Anda membukanya.`, `${who} saved this SOP ${when(at)}, after you opened it.`)
    : text('Draf SOP ini sudah diterbitkan atau dibuang setelah Anda membukanya.', 'The draft of this SOP was published or discarded after you opened it.');
  return `${who_and_when} ${text(
    'Pekerjaan Anda belum tersimpan dan tetap ada di halaman ini. Bandingkan dahulu, lalu pilih mana yang dipakai.',
    'Your work is not saved and is still on this page. Compare first, then choose which is to be used.',
  )}`;
}
