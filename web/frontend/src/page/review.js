/** The review of a draft: rows are saved as one leaves them; row, line of the document and box point at each other. */
import { text } from '../text.js';

const page = document.querySelector('[data-review]');
if (page) start(page.querySelector('[data-review-form]'), page.querySelector('[data-diagram]'));

function start(form, host) {
  const rows = [...form.querySelectorAll('[data-review-row]')];
  const rowOf = (id) => rows.find((row) => row.dataset.reviewRow === id);
  form.querySelector('.review-save').hidden = true; // each row is saved by itself
  if (matchMedia('(max-width: 61.99em)').matches) document.querySelector('[data-review-source]')?.removeAttribute('open');
  pointing(form, host, rows, rowOf);
  saving(form, host, rows, rowOf);
}

// --- Row, line and box point at each other ------------------------------------------------------------------------

function pointing(form, host, rows, rowOf) {
  const lines = [...document.querySelectorAll('.review-lines li[data-step]')];

  function point(row) {
    for (const one of rows) one.classList.toggle('is-chosen', one === row);
    const own = lines.filter((line) => line.dataset.step === row.dataset.reviewRow);
    for (const line of lines) line.classList.toggle('is-chosen', own.includes(line));
    if (own.length) scrollInside(own[0]);
    host.dispatchEvent(new CustomEvent('diagram:choose', { detail: row.dataset.elements.split(' ') }));
  }

  /** Goes to a row that was chosen elsewhere. */
  function goTo(row) {
    const first = row.querySelector('input:not([type="hidden"]), select');
    first.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'center' });
  }

  form.addEventListener('focusin', ({ target }) => {
    const row = target.closest('[data-review-row]');
    if (row && !row.classList.contains('is-chosen')) point(row);
  });
  form.addEventListener('click', ({ target }) => {
    const row = target.closest('[data-review-row]');
    if (row && !row.classList.contains('is-chosen')) point(row);
  });
  document.addEventListener('click', (event) => {
    const row = rowOf(event.target.closest('a[href^="#baris-"]')?.hash.slice('#baris-'.length));
    if (!row) return;
    event.preventDefault();
    goTo(row);
  });
  host.addEventListener('diagram:pick', ({ detail }) => {
    const row = rows.find((one) => one.dataset.elements.split(' ').includes(detail));
    if (row) goTo(row);
  });
}

/** Brings a line into view in its own box, and moves nothing else. */
function scrollInside(line) {
  const box = line.closest('.review-lines');
  const [inner, outer] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 3;
}

// --- Saved row by row -----------------------------------------------------------------------------------------------

function saving(form, host, rows, rowOf) {
  const changed = new Set();
  let queue = Promise.resolve();
  let pending = 0;

  /** Saves one row after the other: each needs the revision that the one before it made. */
  function save(row) {
    if (!changed.delete(row)) return;
    const body = new URLSearchParams();
    for (const name of ['csrf_token', 'orang']) body.set(name, form.elements[name]?.value ?? '');
    for (const control of row.querySelectorAll('[name]')) {
      if (!control.disabled && (control.type !== 'checkbox' || control.checked)) body.append(control.name, control.value);
    }
    pending += 1;
    queue = queue.then(() => send(row, body)).catch((error) => {
      changed.add(row);
      fail(row, error.message);
    }).finally(() => (pending -= 1));
  }

  async function send(row, body) {
    body.set('revisi', form.elements.revisi.value);
    let response;
    try {
      response = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } });
    } catch {
      throw new Error(text('Belum tersimpan: Lajur tidak dapat dihubungi. Isian Anda tetap di sini; coba lagi sebentar lagi.',
        'Not saved yet: Lajur cannot be reached. What you entered stays here; try again in a moment.'));
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok || !answer.revision) throw new Error(refusal(response.status, answer.message));
    show(row, answer);
  }

  function fail(row, message) {
    const place = row.querySelector('[data-review-error]');
    place.textContent = message;
    place.hidden = false;
    row.classList.add('is-wrong');
  }

  function show(row, answer) {
    row.querySelector('[data-review-error]').hidden = true;
    row.classList.remove('is-wrong');
    for (const field of document.querySelectorAll('input[name="revisi"]')) field.value = answer.revision;
    for (const one of rows) showState(one, answer);
    for (const option of form.querySelectorAll('select[name^="kembali."] option')) {
      if (answer.names[option.value]) option.textContent = answer.names[option.value];
    }
    count(answer.waiting.length, rows.length);
    findings(answer.findings);
    host.dataset.marks = JSON.stringify(answer.marks);
    host.dispatchEvent(new CustomEvent('diagram:redraw'));
  }

  form.addEventListener('input', ({ target }) => changed.add(target.closest('[data-review-row]')));
  form.addEventListener('change', ({ target }) => {
    // Chosen or ticked is meant; what is typed is saved when one leaves the row.
    if (target.type === 'checkbox') save(target.closest('[data-review-row]'));
  });
  form.addEventListener('focusout', ({ target, relatedTarget }) => {
    const row = target.closest('[data-review-row]');
    if (row && !row.contains(relatedTarget)) save(row);
  });
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const row = event.target.closest('[data-review-row]');
    if (!row || (!event.ctrlKey && !event.metaKey && event.target.tagName !== 'INPUT')) return;
    event.preventDefault(); // a mere Enter would send the whole form
    if (event.ctrlKey || event.metaKey) confirmRow(row);
    else save(row);
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('[data-review-confirm]') || !(changed.size || pending)) return;
    event.preventDefault(); // first what is still to be saved, then that all has been seen
    event.stopImmediatePropagation();
    for (const row of [...changed]) save(row);
    queue = queue.then(() => changed.size || event.target.requestSubmit());
  }, { capture: true });
  window.addEventListener('beforeunload', (event) => {
    if (changed.size || pending) event.preventDefault();
  });

  function confirmRow(row) {
    const box = row.querySelector('input[type="checkbox"]');
    if (box && !box.checked) {
      box.checked = true;
      changed.add(row);
    }
    save(row);
    const after = [...rows.slice(rows.indexOf(row) + 1), ...rows.slice(0, rows.indexOf(row))];
    const next = after.find((one) => one.querySelector('input[type="checkbox"]:not(:checked)'));
    const target = next?.querySelector('input:not([type="hidden"]), select') ?? document.querySelector('[data-review-confirm] button');
    target?.focus();
    (next ?? target)?.scrollIntoView({ block: 'center' });
  }
}

const refusal = (status, message = '') => status === 409
  ? `${message} ${text('Isian Anda tetap di sini: salin bila perlu, lalu muat ulang halaman ini.', 'What you entered stays here: copy it if need be, then reload this page.')}`
  : message || text('Belum tersimpan. Muat ulang halaman ini, lalu ulangi.', 'Not saved yet. Reload this page, then try again.');

/** A row after something was saved: whether it waits, and which elements are its own by now. */
function showState(row, { waiting, elements }) {
  const id = row.dataset.reviewRow;
  const [waits, seen] = [row.querySelector('[data-review-waits]'), row.querySelector('[data-review-seen]')];
  const still = waiting.includes(id);
  if (!waits.hidden && !still) seen.hidden = false;
  waits.hidden = !still;
  row.classList.toggle('is-waiting', still);
  if (elements[id]) row.dataset.elements = elements[id].join(' ');
}

function count(waiting, all) {
  document.querySelector('[data-review-count]').textContent = waiting
    ? text(`${waiting} dari ${all} langkah menunggu diperiksa.`, `${waiting} of ${all} steps are waiting to be checked.`)
    : text('Tidak ada langkah yang menunggu diperiksa.', 'No step is waiting to be checked.');
}

function findings(found) {
  const section = document.querySelector('[data-review-findings]');
  const list = section.querySelector('[data-review-list]');
  list.replaceChildren(...found.map(({ severity, message, step }) => {
    const item = document.createElement('li');
    item.className = `is-${severity}`;
    const kind = document.createElement('strong');
    kind.textContent = severity === 'error' ? text('Kesalahan:', 'Error:') : text('Peringatan:', 'Warning:');
    item.append(kind, ` ${message} `);
    if (step) {
      const link = document.createElement('a');
      link.href = `#baris-${step}`;
      link.textContent = text('Ke langkah itu', 'To that step');
      item.append(link);
    }
    return item;
  }));
  section.hidden = !section.querySelector('li');
}
