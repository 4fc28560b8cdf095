/** The draft on the server: reads, checks and saves it, and turns every way that can go wrong into a word. */
import { renew, TIMEOUT } from '../page/session.js';

/**
 * What became of a request: `done` with the answer, `conflict` (somebody else saved), `ended` (nobody is logged in),
 * `other` (somebody else is), `unreachable`, or `refused` with the server's sentence.
 *
 * @typedef {{kind: 'done' | 'conflict' | 'ended' | 'other' | 'unreachable' | 'refused', answer?: any, message?: string}} Outcome
 * @typedef {{xml: string, revision: number, saved_by: string | null, saved_at: string | null}} Stored
 */

/** The token of the page's forms: a new one after logging in again, see `renew`. */
const token = (host) => document.querySelector('input[name="csrf_token"]')?.value ?? host.dataset.csrf;

/** @param {HTMLElement} host with the addresses data-stored, data-save and data-check */
export function draftAt(host) {
  const { stored, save, check } = host.dataset;

  function send(url, options) {
    const headers = { Accept: 'application/json', 'X-CSRFToken': token(host), ...options.headers };
    return fetch(url, { signal: AbortSignal.timeout(TIMEOUT), redirect: 'manual', ...options, headers });
  }

  /** @returns {Promise<Outcome>} */
  async function ask(url, options) {
    try {
      let response = await send(url, options);
      if ([400, 401, 403].includes(response.status) || response.type === 'opaqueredirect') {
        const session = await renew();
        if (session !== 'same') return { kind: session };
        response = await send(url, options);
      }
      return await outcome(response);
    } catch {
      return { kind: 'unreachable' };
    }
  }

  const body = (xml, headers = {}) => ({ body: xml, headers: { 'Content-Type': 'application/xml', ...headers } });
  const saving = (xml, revision) => ({ method: 'PUT', ...body(xml, { 'If-Match': `"${revision}"` }) });

  return {
    mayBeSaved: Boolean(save),
    /** Answers with what is kept, see `Stored`. */
    stored: () => ask(stored, {}),
    /** Answers with the new revision and the findings. */
    save: (xml, revision) => ask(save, saving(xml, revision)),
    /** Answers with the findings of what is not saved. */
    check: (xml) => ask(check, { method: 'POST', ...body(xml) }),
    /** Saves while the page goes away, as far as browsers allow it: 64 kB, and nobody hears the answer. */
    saveLeaving(xml, revision) {
      if (xml.length < 60_000) send(save, { ...saving(xml, revision), keepalive: true }).catch(() => undefined);
    },
  };
}

/** @returns {Promise<Outcome>} */
async function outcome(response) {
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return { kind: 'done', answer };
  if (response.status === 409 || response.status === 412) return { kind: 'conflict', message: answer?.message };
  if (response.status >= 500 || !answer?.message) return { kind: 'unreachable' };
  return { kind: 'refused', message: answer.message };
}
