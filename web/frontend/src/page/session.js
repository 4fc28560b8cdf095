/** The session of this page: whose it is, and a new token for its forms when the person has logged in again. */

/** The id of the person for whom this page was made; undefined where nobody is logged in. */
export const person = document.body.dataset.person;

export const TIMEOUT = 20_000; // milliseconds until a request is given up

/** Lets every form of the page send this token. */
export function adopt(token) {
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
}

/** Asks whether the same person is logged in, and if so takes a new token. @returns 'same', 'other' or 'ended' */
export async function renew() {
  const answer = await fetch('/sesi', {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (answer.status === 401) return 'ended';
  if (!answer.ok) throw new Error(answer.statusText);
  const session = await answer.json();
  if (String(session.person) !== person) return 'other';
  adopt(session.csrf_token);
  return 'same';
}

/** The address of the log-in page that leads back here. */
export const logInAddress = () => `/masuk?next=${encodeURIComponent(location.pathname + location.search)}`;
