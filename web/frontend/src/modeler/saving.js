/** Sends the diagram to the server, and turns every way that can go wrong into a sentence. */
import { text } from '../text.js';

/** @typedef {{ok: true, revision: number, findings: object[]} | {ok: false, message: string, keep: boolean}} Saved */

const lost = (message) => ({ ok: false, message, keep: true });

const SESSION_ENDED = () => lost(text(
  'Sesi Anda sudah berakhir, jadi diagram belum disimpan. Pekerjaan Anda masih ada di halaman ini: unduh dulu, lalu masuk lagi.',
  'Your session has ended, so the diagram is not saved. Your work is still on this page: download it, then log in again.',
));
const NO_ANSWER = () => lost(text(
  'Server tidak dapat dihubungi, jadi diagram belum disimpan. Pekerjaan Anda masih ada di halaman ini: coba simpan lagi sebentar lagi.',
  'The server cannot be reached, so the diagram is not saved. Your work is still on this page: try again in a moment.',
));
const CONFLICT = (message) => lost([
  message || text('Orang lain sudah menyimpan diagram ini.', 'Somebody else has saved this diagram.'),
  text('Pekerjaan Anda masih ada di halaman ini: unduh dulu, lalu muat ulang untuk melihat versi yang tersimpan.',
    'Your work is still on this page: download it, then reload to see the saved version.'),
].join(' '));

/**
 * @param {{url: string, csrf: string, revision: string | number, xml: string}} draft
 * @returns {Promise<Saved>}
 */
export async function put({ url, csrf, revision, xml }) {
  let response;
  try {
    response = await fetch(url, {
      method: 'PUT',
      body: xml,
      headers: { 'Content-Type': 'application/xml', 'Accept': 'application/json', 'X-CSRFToken': csrf, 'If-Match': `"${revision}"` },
      credentials: 'same-origin',
      redirect: 'manual', // a redirect leads to the login page
    });
  } catch {
    return NO_ANSWER();
  }
  if (response.type === 'opaqueredirect' || response.status === 401) return SESSION_ENDED();

  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return { ok: true, revision: answer.revision, findings: answer.findings ?? [] };
  if (response.status === 409 || response.status === 412) return CONFLICT(answer?.message);
  if (response.status >= 500) return NO_ANSWER();
  return answer?.message ? { ok: false, message: answer.message, keep: false } : SESSION_ENDED();
}
