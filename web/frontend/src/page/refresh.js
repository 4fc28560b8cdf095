/** A list that is looked at brings itself up to date: nothing that somebody is at is taken away under them. */
import { text } from '../text.js';
import { countTicks } from './lists.js';
import { TIMEOUT, adopt, logInAddress, person } from './session.js';
import { asTables } from './tables.js';

const PAUSE = 60_000; // milliseconds between two refreshes
const LONGEST = 15 * 60_000; // after failures, at most

const list = document.querySelector('[data-list]');
const said = document.querySelector('[data-refresh-said]');

let timer;
let running = false;
let stopped = false;
let failures = 0;
let last = Date.now();

// --- When ---------------------------------------------------------------------------------------------------------

const pause = () => Math.min(PAUSE * 2 ** failures, LONGEST);

/** Refreshes when it is time to; hidden or offline pages wait until they are not. */
function plan() {
  clearTimeout(timer);
  if (stopped || document.hidden || !navigator.onLine) return;
  timer = setTimeout(refresh, Math.max(0, last + pause() - Date.now()));
}

async function refresh() {
  if (running || stopped) return;
  running = true;
  try {
    await bring();
    failures = 0;
  } catch {
    failures += 1;
    say(text('Belum dapat diperbarui; akan dicoba lagi.', 'Could not be refreshed; will try again.'));
  }
  running = false;
  last = Date.now();
  plan();
}

async function bring() {
  const answer = await fetch(location.pathname + location.search, {
    headers: { Accept: 'text/html', 'Lajur-Refresh': '1' },
    redirect: 'manual', // to the log-in page
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (answer.type === 'opaqueredirect') {
    stop(text('Sesi Anda telah berakhir.', 'Your session has ended.'), logInAddress(), text('Masuk lagi', 'Log in again'));
    return;
  }
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (fresh.body.dataset.person !== person) {
    const now = text('Orang lain kini masuk di peramban ini.', 'Somebody else is now logged in in this browser.');
    stop(now, location.href, text('Muat ulang', 'Reload'));
    return;
  }
  patch(fresh);
}

// --- What is said -------------------------------------------------------------------------------------------------

/** Says something, once: a live region that is told the same again keeps silent. */
function say(words) {
  if (said.textContent !== words) said.textContent = words;
}

function stop(words, href, label) {
  stopped = true;
  const link = document.createElement('a');
  Object.assign(link, { href, textContent: label });
  said.replaceChildren(`${words} `, link);
}

function newRows(count) {
  if (!count) return '';
  if (list.dataset.list === 'of_jabatan' || list.dataset.list === 'mine') {
    return text(`${count} tugas baru`, count === 1 ? '1 new task' : `${count} new tasks`);
  }
  return text(`${count} baris baru`, count === 1 ? '1 new row' : `${count} new rows`);
}

// --- What changes -------------------------------------------------------------------------------------------------

const rowsOf = (root) => [...(root.querySelector('[data-rows]')?.children ?? [])];
const hasFocus = (element) => element.contains(document.activeElement);

/** What a row says, without tokens and without what only this page knows of it. */
function saying(row) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll('input[type="hidden"], .task-gone').forEach((one) => one.remove());
  copy.querySelectorAll('details').forEach((one) => one.removeAttribute('open'));
  copy.querySelectorAll('[role]').forEach((one) => one.removeAttribute('role'));
  return copy.innerHTML;
}

function patch(fresh) {
  const token = fresh.querySelector('input[name="csrf_token"]')?.value;
  if (token) adopt(token);
  document.title = fresh.title;
  for (const live of document.querySelectorAll('[data-live]')) {
    const now = fresh.querySelector(`[data-live="${live.dataset.live}"]`);
    if (now && now.innerHTML !== live.innerHTML) live.innerHTML = now.innerHTML;
  }
  fillIn('[data-list-filter]', fresh);
  say(newRows(patchList(fresh.querySelector('[data-list]'))));
  countTicks();
}

/** Puts in what stands in this place by now, where nothing stood so far. */
function fillIn(place, fresh) {
  const here = document.querySelector(place);
  const there = fresh.querySelector(place);
  if (here && !here.children.length && there?.children.length) here.replaceChildren(...there.childNodes);
}

/** @returns how many rows are new */
function patchList(fresh) {
  if (!list.querySelector('[data-rows]')) {
    // An empty list. The word "new" is not worth taking the focus away.
    if (hasFocus(list) && document.activeElement !== list) return 0;
    list.replaceChildren(...fresh.childNodes);
    return rowsOf(list).length;
  }
  const count = inPlace(() => patchRows(rowsOf(fresh), Boolean(fresh.querySelector('.pager'))));
  const pager = list.querySelector('.pager');
  const freshPager = fresh.querySelector('.pager');
  if (pager && freshPager) pager.querySelector('a').href = freshPager.querySelector('a').href;
  else if (pager && !hasFocus(pager)) pager.remove();
  else if (freshPager) list.append(freshPager);
  whenEmpty = fresh;
  emptied();
  return count;
}

let whenEmpty;

/** Shows what an empty list shows, once the last row has gone. */
function emptied() {
  if (rowsOf(list).length || !whenEmpty || whenEmpty.querySelector('[data-rows]')) return;
  list.replaceChildren(...whenEmpty.childNodes);
}

/** Changes rows above what is looked at without moving it. */
function inPlace(change) {
  const seen = rowsOf(list).find((row) => row.getBoundingClientRect().bottom > 0);
  const before = seen?.getBoundingClientRect().top;
  const result = change();
  if (seen?.isConnected && scrollY > 0) scrollBy(0, seen.getBoundingClientRect().top - before);
  return result;
}

function patchRows(fresh, more) {
  const parent = list.querySelector('[data-rows]');
  const old = new Map(rowsOf(list).map((row) => [row.dataset.row, row]));
  let count = 0;
  let previous = null;
  for (const now of fresh) {
    const row = old.get(now.dataset.row);
    old.delete(now.dataset.row);
    const here = row ? renewed(row, now) : now;
    if (!row) count += 1;
    const next = previous ? previous.nextElementSibling : parent.firstElementChild;
    if (next !== here) move(parent, here, next);
    previous = here;
  }
  for (const row of old.values()) leave(row, more);
  asTables();
  return count;
}

/** To move an element is to take the focus from it, so one that has it stays where it is. */
function move(parent, row, next) {
  if (!row.isConnected || !hasFocus(row)) parent.insertBefore(row, next);
}

/** The row as it is now; as it was, while somebody is at it. */
function renewed(row, now) {
  if (row.dataset.gone) {
    if (hasFocus(row)) return row;
  } else if (saying(row) === saying(now) || hasFocus(row) || row.querySelector('details[open]')) return row;
  const tick = row.querySelector('.task-tick');
  if (tick?.checked && now.querySelector('.task-tick')) now.querySelector('.task-tick').checked = true;
  row.replaceWith(now);
  return now;
}

/** A row that is no longer in the list: gone at once, or, under the focus or with a tick, said to be gone first. */
function leave(row, more) {
  const tick = row.querySelector('.task-tick');
  if (!hasFocus(row) && (row.dataset.gone || !tick?.checked)) {
    row.remove();
    return;
  }
  if (row.dataset.gone) return;
  row.dataset.gone = 'true';
  if (tick) {
    tick.checked = false;
    tick.removeAttribute('name');
  }
  const words = document.createElement('p');
  words.className = 'task-gone';
  words.setAttribute('role', 'status');
  (row.querySelector('.task-main') ?? row.querySelector('td')).append(words);
  words.textContent =
    list.dataset.list === 'of_jabatan' && !more
      ? text('Sudah diambil orang lain atau tidak terbuka lagi.', 'Claimed by somebody else, or no longer open.')
      : text('Tidak ada lagi di daftar ini.', 'No longer in this list.');
  row.addEventListener('focusout', (event) => {
    if (row.contains(event.relatedTarget)) return;
    setTimeout(() => {
      if (hasFocus(row) || !document.hasFocus()) return;
      row.remove();
      countTicks();
      emptied();
    });
  });
}

// --- Begin --------------------------------------------------------------------------------------------------------

if (list && said && person) {
  document.addEventListener('visibilitychange', plan);
  window.addEventListener('online', plan);
  window.addEventListener('offline', plan);
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) refresh(); // out of the browser's cache, so as it was
    else plan();
  });
  document.addEventListener('click', (event) => {
    const now = event.target.closest('[data-refresh-now]');
    if (!now || stopped || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    failures = 0;
    refresh();
  });
}
