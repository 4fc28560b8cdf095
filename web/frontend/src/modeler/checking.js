/** Asks the server for its findings while somebody draws. */

const PAUSE = 700; // milliseconds after the last change

/** @returns {() => void} to be called at every change */
export function createChecking({ xml, draft, show }) {
  let timer;
  let asked = 0;

  async function check() {
    const question = ++asked;
    const { kind, answer, message } = await draft.check(await xml());
    if (question !== asked) return; // an older answer than one that is awaited
    if (kind === 'done') show(answer.findings);
    else if (kind === 'refused') show([{ element: null, severity: 'error', message }]);
  }

  return () => {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  };
}
