/** What is not saved yet is also kept in this browser, for the person who drew it: past a crash, a reload or a power cut. */
import { person } from '../page/session.js';

const STORE = 'diagrams';

/** Two tabs with one SOP must not overwrite each other's copy. */
const TAB = `${performance.timeOrigin}-${Math.random()}`;

/** @typedef {{key: string, xml: string, revision: number, at: number}} Copy `at`: milliseconds since 1970 */

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function database() {
  const opening = indexedDB.open('lajur', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'key' });
  return settled(opening);
}

async function within(mode, act) {
  const opened = await database();
  try {
    return await settled(act(opened.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    opened.close();
  }
}

/** A browser may have no room, or keep nothing (private windows): then there simply is no copy. */
const quietly = (promise) => promise.catch((error) => console.info('Lajur: no copy in this browser.', error));

/** @param {string} address of the draft */
export function copiesOf(address) {
  const prefix = `${person} ${address} `;
  const own = prefix + TAB;
  let turn = Promise.resolve(); // a later call never overtakes an earlier one
  const inTurn = (act) => (turn = turn.then(() => quietly(act())));
  return {
    keep: (xml, revision) => inTurn(() => within('readwrite', (store) => store.put({ key: own, xml, revision, at: Date.now() }))),
    drop: (key = own) => inTurn(() => within('readwrite', (store) => store.delete(key))),
    /** @returns {Promise<Copy[]>} what other visits of this page left behind, the newest first */
    async left() {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const found = (await quietly(within('readonly', (store) => store.getAll(range)))) ?? [];
      return found.filter((copy) => copy.key !== own).sort((one, other) => other.at - one.at);
    },
  };
}
