/** Documents: dropped, chosen or photographed, looked at before they are sent, sent with progress, kept when cut off. */
import { text } from '../text.js';
import { unsaved } from './forms.js';

const SILENCE = 60_000; // milliseconds without a byte moved, after which a sending counts as cut off

/** Refusals of one file, while others may be taken: too large, or of no kind that is taken. */
const OF_THE_FILE = [413, 422];

const zones = document.querySelectorAll('[data-upload]');
zones.forEach(enhance);

// A file that misses the zone must not replace the page, and with it what was typed.
if (zones.length) {
  for (const name of ['dragover', 'drop']) {
    addEventListener(name, (event) => {
      if (!carriesFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    });
  }
}

const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');

/** Makes a list of what is chosen in one zone, and sends it with its form. */
function enhance(zone) {
  const input = zone.querySelector('input[type="file"]');
  const form = input.form;
  const chosen = []; // { file, key, said, final, bar, line }
  const list = element('ul', { className: 'upload-list' });
  list.setAttribute('aria-label', text('Dokumen yang dipilih', 'Documents chosen'));
  const status = element('p', { className: 'upload-status' });
  status.setAttribute('role', 'status');
  const button = form.querySelector('button[type="submit"]');
  const usual = [...button.childNodes];
  input.required = false; // what was dropped counts, too: looked at when sent
  input.after(hints((files) => add(files)));
  zone.append(list, status);

  input.addEventListener('change', () => add(input.files));
  zone.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add('is-over');
  });
  zone.addEventListener('dragleave', (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove('is-over');
  });
  zone.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.remove('is-over');
    add(filesIn(event.dataTransfer, say));
  });
  form.addEventListener('submit', (event) => {
    if ('attach' in form.dataset && !chosen.length) {
      event.preventDefault();
      say(text('Pilih dokumen yang akan diunggah.', 'Choose the document to upload.'));
      input.focus();
    } else if (chosen.length) {
      event.preventDefault();
      if (!form.dataset.sending) send();
    }
  });

  function add(files) {
    if (form.dataset.sending) return;
    say('');
    for (const file of files) {
      const said = objection(zone, file);
      chosen.push({ file, key: key(), said, final: Boolean(said) });
    }
    show();
  }

  /** The list and the control itself hold the same files, so that the form can be sent without us, too. */
  function show() {
    const held = new DataTransfer();
    chosen.forEach(({ file }) => held.items.add(file));
    input.files = held.files;
    list.replaceChildren(...chosen.map((one) => line(one, () => drop(one))));
    if (chosen.every((one) => one.final)) label(usual);
    if (chosen.length) unsaved.add(form);
    else if ('attach' in form.dataset) unsaved.delete(form);
  }

  function drop(one) {
    const at = chosen.indexOf(one);
    chosen.splice(at, 1);
    show();
    (list.children[Math.min(at, chosen.length - 1)]?.querySelector('button') ?? input).focus();
  }

  function say(words, isError = Boolean(words)) {
    status.textContent = words;
    status.classList.toggle('is-error', isError);
  }

  async function send() {
    form.dataset.sending = 'true';
    say(text('Mengirim…', 'Sending…'), false);
    button.setAttribute('aria-busy', 'true');
    zone.classList.add('is-sending');
    try {
      await ('attach' in form.dataset ? sendEach() : sendTogether());
    } finally {
      delete form.dataset.sending;
      button.removeAttribute('aria-busy');
      zone.classList.remove('is-sending');
    }
  }

  /** Each file by itself: what arrived is attached, what did not stays in the list. */
  async function sendEach() {
    if (again()) await refresh(form).catch(() => {}); // the page's token may be of a session that has ended
    const waiting = chosen.filter((one) => !one.final);
    let done = 0;
    for (const one of waiting) {
      say(text(`Mengirim ${shown(one.file)}…`, `Sending ${shown(one.file)}…`), false);
      const body = new FormData(form);
      body.set('dokumen', one.file);
      body.set('kunci', one.key); // the same document twice, because the first answer was lost, is attached once
      const answer = await post(form.action, body, (share) => progress(one, share));
      if (answer.ok) {
        chosen.splice(chosen.indexOf(one), 1);
        done += 1;
        continue;
      }
      if (!OF_THE_FILE.includes(answer.status)) {
        stopped(answer);
        break;
      }
      Object.assign(one, { said: answer.message, final: true });
    }
    show();
    if (done) {
      await refresh(form).catch(() => {});
      if (!chosen.length) say(text(`${done} dokumen terlampir.`, `Documents attached: ${done}.`), false);
    }
    const refused = chosen.filter((one) => one.final).length;
    if (refused && refused === chosen.length) {
      const rest = done ? text(`${done} dokumen terlampir. `, `Documents attached: ${done}. `) : '';
      say(rest + text('Yang ditandai merah tidak dilampirkan.', 'What is marked red was not attached.'), true);
    }
  }

  /** All files with the form they belong to: all of it or nothing. */
  async function sendTogether() {
    const wrong = chosen.find((one) => one.said);
    if (wrong) return say(wrong.said);
    if (chosen.reduce((sum, { file }) => sum + file.size, 0) > Number(zone.dataset.together)) {
      const most = size(Number(zone.dataset.together));
      return say(
        text(
          `Semua dokumen bersama-sama paling besar ${most}. Lampirkan sebagian setelah berkas dimulai.`,
          `All documents together may be ${most} at most. Attach some of them after the start.`,
        ),
      );
    }
    if (again()) await refresh(form).catch(() => {});
    const body = new FormData(form);
    body.delete('dokumen');
    chosen.forEach(({ file }) => body.append('dokumen', file));
    const answer = await post(form.action, body, (share) => chosen.forEach((one) => progress(one, share)));
    if (answer.ok) {
      unsaved.delete(form);
      location.assign(answer.body.location);
      return;
    }
    show();
    if (OF_THE_FILE.includes(answer.status)) say(answer.message);
    else stopped(answer);
  }

  const again = () => 'again' in button.dataset;

  /** Says why the sending stopped; the button sends what is left once more. */
  function stopped({ status: code, message }) {
    const kept = text('Dokumen yang belum terkirim tetap terpilih.', 'What was not sent is still chosen.');
    say(`${message} ${kept}`);
    if (code === 401) {
      const door = element('a', { href: '/masuk', target: '_blank', rel: 'noopener' });
      door.textContent = text('Masuk di tab baru', 'Log in in a new tab');
      status.append(' ', door);
    }
    button.dataset.again = '';
    label([glyph('arrow-clockwise'), ` ${text('Kirim lagi', 'Send again')}`]);
  }

  function label(nodes) {
    if (nodes === usual) delete button.dataset.again;
    button.replaceChildren(...nodes);
  }
}

/** The words between control and list: that files may be dropped, and the camera on what one touches. */
function hints(add) {
  if (!matchMedia('(pointer: coarse)').matches) {
    const words = text('Atau seret dokumennya ke kotak ini.', 'Or drag documents into this box.');
    return element('p', { className: 'upload-hint', textContent: words });
  }
  const camera = element('input', { type: 'file', accept: 'image/*', className: 'visually-hidden' });
  camera.setAttribute('capture', 'environment');
  camera.addEventListener('change', () => {
    add([...camera.files]);
    camera.value = '';
  });
  const label = element('label', { className: 'btn btn-outline-primary upload-camera' });
  label.append(glyph('camera'), ` ${text('Ambil foto', 'Take a photo')}`, camera);
  return label;
}

/** What is wrong with a file, as the server would say it; empty where nothing is. */
function objection(zone, file) {
  const { each, endings, tooLarge, empty, refused } = zone.dataset;
  const ending = file.name.match(/.(\.[A-Za-z][A-Za-z0-9]{0,9})$/)?.[1].toLowerCase();
  const words = [
    [file.size === 0, empty],
    [file.size > Number(each), tooLarge],
    [ending && !endings.split(' ').includes(ending), refused],
  ].find(([wrong]) => wrong)?.[1];
  return words?.replace('{name}', () => short(shown(file))) ?? '';
}

function line(one, remove) {
  const item = element('li', { className: one.said ? 'is-refused' : '' });
  const name = element('span', { className: 'upload-name', textContent: shown(one.file) });
  const about = element('span', { className: 'upload-size', textContent: size(one.file.size) });
  const button = element('button', { type: 'button', className: 'btn btn-sm btn-quiet' });
  button.setAttribute('aria-label', text(`Keluarkan ${shown(one.file)}`, `Remove ${shown(one.file)}`));
  button.append(glyph('x-lg'));
  button.addEventListener('click', remove);
  item.append(glyph(one.said ? 'exclamation-triangle' : 'paperclip'), name, about, button);
  if (one.said) item.append(element('span', { className: 'upload-said', textContent: one.said }));
  one.bar = element('progress', { max: 1, value: 0, hidden: true });
  one.bar.setAttribute('aria-label', shown(one.file));
  item.append(one.bar);
  return item;
}

function progress(one, share) {
  one.bar.hidden = false;
  one.bar.value = share;
}

/** Sends a form; resolves to what came of it, never rejects. `status` is 0 where there was no answer. */
function post(address, body, told) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let timer;
    const moved = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), SILENCE);
    };
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      moved();
      told(loaded / total);
    });
    request.addEventListener('loadend', () => {
      clearTimeout(timer);
      resolve(outcome(request));
    });
    request.open('POST', address);
    request.setRequestHeader('Accept', 'application/json');
    moved();
    request.send(body);
  });
}

function outcome({ status, responseText }) {
  let body = {};
  try {
    body = JSON.parse(responseText);
  } catch {
    // no answer of ours: something in between spoke, or nobody did
  }
  const failed = status
    ? text('Server sedang tidak dapat menerima dokumen.', 'The server cannot take documents now.')
    : text('Sambungan terputus.', 'The connection was lost.');
  return { ok: status === 200, status, body, message: body.message || failed };
}

/** Reads the page anew, and puts its lists of documents and its tokens into this one; all else stays as it is. */
async function refresh(form) {
  const answer = await fetch(form.elements.kembali_ke?.value ?? location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const list of document.querySelectorAll('[data-documents][id]')) {
    const now = fresh.getElementById(list.id);
    if (now) list.replaceWith(document.adoptNode(now));
  }
  const token = fresh.querySelector('[name="csrf_token"]')?.value;
  if (token) document.querySelectorAll('[name="csrf_token"]').forEach((field) => (field.value = token));
}

/** What was dropped, without folders, which cannot be sent. */
function filesIn(dropped, say) {
  const items = [...dropped.items].filter((item) => item.kind === 'file');
  const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory);
  const files = items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile());
  const words = text('Folder tidak dapat dilampirkan; pilih dokumennya.', 'A folder cannot be attached; choose its documents.');
  if (folders.length) queueMicrotask(() => say(words)); // after the list has been shown
  return files;
}

/** A name as it is shown: nothing in it turns the writing around or hides. */
const shown = ({ name }) => name.replace(/\p{C}/gu, '') || text('dokumen', 'document');

/** As the server shortens a name in a sentence. */
const short = (name) => (name.length <= 60 ? name : `${name.slice(0, 44)}…${name.slice(-15)}`);

const units = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });

function size(bytes) {
  if (bytes >= 1e6) return `${units.format(bytes / 1e6)} MB`;
  return bytes >= 1e3 ? `${units.format(bytes / 1e3)} kB` : `${bytes} B`;
}

/** A key nobody else has. `crypto.randomUUID` is missing where there is no HTTPS. */
const key = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16)).join('-');

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

/** An icon of the sprite that the page uses already. */
function glyph(name) {
  const known = document.querySelector('svg.icon use').getAttribute('href').split('#')[0];
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `${known}#${name}`);
  svg.append(use);
  return svg;
}
