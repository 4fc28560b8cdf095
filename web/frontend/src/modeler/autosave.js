/** Saves what is drawn by itself, and loses nothing of it: what cannot be saved is kept here and tried again. */

const PAUSE = 3_000; // milliseconds after the last change
const COPY_PAUSE = 400;
const RETRY = 15_000;

/**
 * @param {object} parts
 * @param {() => Promise<string>} parts.xml what is drawn
 * @param {ReturnType<import('./saving.js').draftAt>} parts.draft
 * @param {ReturnType<import('./copies.js').copiesOf>} parts.copies
 * @param {(kind: string, outcome?: import('./saving.js').Outcome) => void} parts.tell hears `clean`, `dirty`, `busy`,
 *   `saved`, or the kind of the outcome that went wrong
 */
export function createAutosave({ xml, draft, copies, tell }) {
  let revision = 0;
  let changes = 0; // since the diagram was opened
  let saved = 0; // how many of them the server has
  let copied = { xml: '', at: 0 }; // what this browser has, and how many changes are in it
  let underWay = null; // the promise of a save
  let held = false; // somebody else saved: nothing goes to the server until a person has decided
  let timer;
  let copyTimer;

  const dirty = () => changes !== saved;

  function soon(pause) {
    clearTimeout(timer);
    if (dirty() && !held && draft.mayBeSaved) timer = setTimeout(save, pause);
  }

  async function copy() {
    const at = changes;
    const drawn = await xml();
    if (at !== changes || !dirty()) return;
    copied = { xml: drawn, at };
    await copies.keep(drawn, revision);
  }

  function changed() {
    changes += 1;
    if (!held) tell('dirty');
    clearTimeout(copyTimer);
    copyTimer = setTimeout(copy, COPY_PAUSE);
    soon(PAUSE);
  }

  /** @returns {Promise<boolean>} whether everything is saved */
  async function save() {
    while (underWay) await underWay;
    if (!dirty()) return true;
    if (held || !draft.mayBeSaved) return false;
    clearTimeout(timer);
    underWay = send();
    const done = await underWay.finally(() => {
      underWay = null;
    });
    tell(done.kind === 'done' ? (dirty() ? 'dirty' : 'saved') : done.kind, done);
    if (done.kind === 'done') soon(PAUSE);
    else if (done.kind !== 'refused') soon(RETRY);
    return !dirty();
  }

  async function send() {
    tell('busy');
    const at = changes;
    const drawn = await xml();
    const done = await draft.save(drawn, revision);
    if (done.kind === 'done') {
      revision = done.answer.revision;
      saved = at;
      clearTimeout(copyTimer);
      await (dirty() ? copy() : copies.drop());
    } else {
      held = done.kind === 'conflict';
      await copies.keep(drawn, revision);
    }
    return done;
  }

  /** Back within reach of the network, or from logging in in another tab. */
  const again = () => dirty() && soon(0);
  window.addEventListener('online', again);
  window.addEventListener('focus', again);
  document.addEventListener('visibilitychange', again);
  window.addEventListener('pagehide', () => {
    if (dirty() && !held && draft.mayBeSaved && copied.at === changes) draft.saveLeaving(copied.xml, revision);
  });

  return {
    dirty,
    changed,
    save,
    get revision() {
      return revision;
    },
    get busy() {
      return underWay !== null;
    },
    /** What is drawn is what the server has in that revision, and nothing else is kept here. */
    opened(at) {
      revision = at;
      saved = changes;
      held = false;
      clearTimeout(timer);
      clearTimeout(copyTimer);
      copies.drop();
      tell('clean');
    },
    /** What is drawn was begun upon that revision and never saved. */
    recovered(at) {
      revision = at;
      changed();
    },
    /** A person wants what is drawn in the place of what the server has in that revision. */
    replace(at) {
      revision = at;
      held = false;
      return save();
    },
  };
}
