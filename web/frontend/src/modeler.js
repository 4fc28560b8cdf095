/** Edits a diagram and saves it. Contract: README.md, "Modeler". */
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule } from 'bpmn-js-properties-panel';
import Modeler from 'bpmn-js/lib/Modeler';
import CamundaBehaviorsModule from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import MinimapModule from 'diagram-js-minimap';

import { fit } from './fit.js';
import { IndonesianModule } from './id.js';
import { AllowedModule } from './modeler/allowed.js';
import { createFindings } from './modeler/findings.js';
import { MutuBakuModule } from './modeler/mutu-baku.js';
import { put } from './modeler/saving.js';
import { isEnglish, text } from './text.js';

const host = document.querySelector('[data-modeler]');
const actions = new Map([...document.querySelectorAll('[data-action]')].map((button) => [button.dataset.action, button]));
const publishForm = document.querySelector('[data-publish-form]');

const modeler = new Modeler({
  container: host,
  propertiesPanel: { parent: document.querySelector('[data-properties]') },
  moddleExtensions: { camunda },
  additionalModules: [
    BpmnPropertiesPanelModule,
    BpmnPropertiesProviderModule,
    CamundaPlatformPropertiesProviderModule,
    CamundaBehaviorsModule,
    MinimapModule,
    MutuBakuModule,
    AllowedModule,
    ...(isEnglish() ? [] : [IndonesianModule]),
  ],
});
const commandStack = modeler.get('commandStack');
const findings = createFindings(modeler, document.querySelector('[data-findings]'));

let revision = host.dataset.revision;
let changes = 0; // since the diagram was opened
let savedChanges = 0;
let saving = null; // the promise of a save under way
let publishable = Boolean(publishForm && 'saved' in publishForm.dataset);

const dirty = () => changes !== savedChanges;

// --- Status line and buttons --------------------------------------------------------------------------------------

/** @param {'saved' | 'dirty' | 'busy' | 'error'} kind */
function say(kind, message, offerDownload = false) {
  const status = document.querySelector('[data-status]');
  if (!status) return;
  status.className = `modeler-status is-${kind}`;
  status.replaceChildren(message);
  if (!offerDownload) return;
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'btn btn-sm btn-outline-primary', textContent: text('Unduh', 'Download') });
  button.addEventListener('click', download);
  status.append(' ', button);
}

function refreshButtons() {
  const enable = (name, enabled) => {
    const button = actions.get(name);
    if (button) button.disabled = !enabled;
  };
  enable('undo', commandStack.canUndo());
  enable('redo', commandStack.canRedo());
  enable('save', dirty() && !saving && host.dataset.save);
  for (const button of publishForm?.querySelectorAll('button') ?? []) button.disabled = !publishable;
}

// --- Saving -------------------------------------------------------------------------------------------------------

/** A field of the properties panel writes into the diagram when it is left. */
function finishTyping() {
  const field = document.activeElement;
  if (!field?.closest('[data-properties]')) return;
  field.blur();
  field.focus();
}

/** @returns {Promise<boolean>} whether everything is saved */
async function save() {
  if (saving) return saving;
  finishTyping();
  if (!dirty()) return true;
  saving = send();
  refreshButtons();
  const done = await saving;
  saving = null;
  refreshButtons();
  return done;
}

async function send() {
  say('busy', text('Menyimpan …', 'Saving …'));
  const at = changes;
  const { xml } = await modeler.saveXML({ format: true });
  const answer = await put({ url: host.dataset.save, csrf: host.dataset.csrf, revision, xml });
  if (!answer.ok) {
    say('error', answer.message, answer.keep);
    return false;
  }
  revision = answer.revision;
  savedChanges = at;
  publishable = true;
  findings.show(answer.findings);
  const time = new Intl.DateTimeFormat(isEnglish() ? 'en-GB' : 'id-ID', { hour: '2-digit', minute: '2-digit' }).format(new Date());
  if (dirty()) sayDirty();
  else say('saved', text(`Tersimpan pukul ${time}.`, `Saved at ${time}.`));
  return !dirty();
}

const sayDirty = () => say('dirty', text('Ada perubahan yang belum disimpan.', 'There are unsaved changes.'));

async function download() {
  const { xml } = await modeler.saveXML({ format: true });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([xml], { type: 'application/xml' }));
  link.download = host.dataset.filename ?? 'diagram.bpmn';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// --- Wiring -------------------------------------------------------------------------------------------------------

const zoom = (steps) => modeler.get('zoomScroll').stepZoom(steps);
const showAll = () => fit(modeler.get('canvas'), { top: 20, right: 20, bottom: 20, left: 90 }); // the palette is on the left
const verbs = {
  save,
  download,
  fit: showAll,
  undo: () => commandStack.undo(),
  redo: () => commandStack.redo(),
  'zoom-in': () => zoom(1),
  'zoom-out': () => zoom(-1),
};
for (const [name, button] of actions) button.addEventListener('click', verbs[name]);

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
    event.preventDefault();
    if (host.dataset.save) save();
  }
});

window.addEventListener('beforeunload', (event) => {
  if (dirty()) event.preventDefault();
});

publishForm?.addEventListener('submit', async (event) => {
  finishTyping();
  if (!dirty()) return;
  event.preventDefault();
  const button = event.submitter;
  if (await save()) {
    publishForm.dataset.confirmed = 'true'; // app.js has asked already
    publishForm.requestSubmit(button);
  }
});

modeler.on('commandStack.changed', ({ trigger }) => {
  if (trigger !== 'clear') {
    changes += 1;
    sayDirty();
  }
  refreshButtons();
});

async function open() {
  const response = await fetch(host.dataset.xml, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${response.status} ${host.dataset.xml}`);
  await modeler.importXML(await response.text());
  showAll();
  const known = document.querySelector('[data-findings]')?.dataset.findings;
  if (known) findings.show(JSON.parse(known));
  else findings.wait();
  say('saved', text('Belum ada perubahan.', 'No changes yet.'));
}

refreshButtons();
open().catch((error) => {
  console.warn(error);
  say('error', text('Diagram tidak dapat dibuka. Muat ulang halaman ini untuk mencoba lagi.', 'The diagram cannot be opened. Reload this page to try again.'));
});
