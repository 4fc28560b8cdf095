/** Edits a diagram and saves it. Contract: README.md, "Modeler". */
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule } from 'bpmn-js-properties-panel';
import Modeler from 'bpmn-js/lib/Modeler';
import CamundaBehaviorsModule from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import MinimapModule from 'diagram-js-minimap';

import { fit } from './fit.js';
import { IndonesianModule } from './id.js';
import { AllowedModule } from './modeler/allowed.js';
import { createAutosave } from './modeler/autosave.js';
import { createChecking } from './modeler/checking.js';
import { createConflict } from './modeler/conflict.js';
import { copiesOf } from './modeler/copies.js';
import { DecisionsModule } from './modeler/decisions.js';
import { markDoubts } from './modeler/doubts.js';
import { offerBpmn, offerPng, offerSvg } from './modeler/exporting.js';
import { createFindings } from './modeler/findings.js';
import { noticesIn, statusIn, when } from './modeler/notices.js';
import { PropertiesModule } from './modeler/properties.js';
import { draftAt } from './modeler/saving.js';
import { showShortcuts } from './modeler/shortcuts.js';
import { isEnglish, text } from './text.js';

const host = document.querySelector('[data-modeler]');
const actions = new Map([...document.querySelectorAll('[data-action]')].map((button) => [button.dataset.action, button]));
const publishForm = document.querySelector('[data-publish-form]');
const name = host.dataset.filename ?? 'diagram';

const modeler = new Modeler({
  container: host,
  propertiesPanel: { parent: document.querySelector('[data-properties]') },
  moddleExtensions: { camunda },
  jabatan: JSON.parse(host.dataset.jabatan ?? '[]'),
  additionalModules: [
    BpmnPropertiesPanelModule,
    BpmnPropertiesProviderModule,
    CamundaPlatformPropertiesProviderModule,
    CamundaBehaviorsModule,
    MinimapModule,
    DecisionsModule,
    PropertiesModule,
    AllowedModule,
    ...(isEnglish() ? [] : [IndonesianModule]),
  ],
});
const commandStack = modeler.get('commandStack');
const findings = createFindings(modeler, document.querySelector('[data-findings]'));
markDoubts(modeler);

const drawn = async () => (await modeler.saveXML({ format: true })).xml;
const download = async () => offerBpmn(await drawn(), name);

// --- Saving -------------------------------------------------------------------------------------------------------

const draft = draftAt(host);
const copies = copiesOf(host.dataset.save ?? host.dataset.stored);
const status = statusIn(document.querySelector('[data-status]'), download);
const notices = noticesIn(document.querySelector('[data-notices]'));
let publishable = Boolean(publishForm && 'saved' in publishForm.dataset);

const autosave = createAutosave({
  xml: drawn,
  draft,
  copies,
  tell(kind, outcome) {
    status(kind, outcome);
    if (kind === 'conflict') conflict();
    if (kind === 'saved' || kind === 'dirty') publishable ||= outcome?.kind === 'done';
    if (outcome?.kind === 'done' && !autosave.dirty()) findings.show(outcome.answer.findings);
    refreshButtons();
  },
});

const conflict = createConflict({
  draft,
  notices,
  xml: drawn,
  download,
  replace(revision) {
    notices.clear();
    autosave.replace(revision);
  },
  async take(theirs) {
    const mine = await drawn();
    await show(theirs);
    check();
    notices.ask(text('Yang tersimpan kini terbuka. Pekerjaan Anda yang belum tersimpan masih dapat diunduh dari sini.',
      'What is saved is open now. Your work that was not saved can still be downloaded here.'), [
      [text('Unduh pekerjaan saya', 'Download my work'), () => offerBpmn(mine, `${name}-belum-tersimpan`)],
      [text('Tutup', 'Close'), notices.clear],
    ]);
  },
  compare: async (mine, theirs) => (await more()).compare({ mine, theirs }),
});

const check = createChecking({ xml: drawn, draft, show: findings.show });

/** A field of the properties panel, or a label on the diagram, is written into the diagram when it is left. */
function finishTyping() {
  modeler.get('directEditing').complete();
  const field = document.activeElement;
  if (!field?.closest('[data-properties]')) return;
  field.blur();
  field.focus();
}

function save() {
  finishTyping();
  return autosave.save();
}

function refreshButtons() {
  const enable = (action, enabled) => {
    const button = actions.get(action);
    if (button) button.disabled = !enabled;
  };
  enable('undo', commandStack.canUndo());
  enable('redo', commandStack.canRedo());
  enable('save', autosave.dirty() && !autosave.busy && draft.mayBeSaved);
  for (const button of publishForm?.querySelectorAll('button') ?? []) button.disabled = !publishable;
}

// --- Wiring -------------------------------------------------------------------------------------------------------

/** What is only fetched when somebody asks for it: comparing and trying out. */
const more = () => import(host.dataset.more);

const zoom = (steps) => modeler.get('zoomScroll').stepZoom(steps);
const showAll = () => fit(modeler.get('canvas'), { top: 20, right: 20, bottom: 20, left: 90 }); // the palette is on the left
const verbs = {
  save,
  download,
  'download-svg': () => offerSvg(modeler, name),
  'download-png': () => offerPng(modeler, name),
  fit: showAll,
  undo: () => commandStack.undo(),
  redo: () => commandStack.redo(),
  'zoom-in': () => zoom(1),
  'zoom-out': () => zoom(-1),
  search: () => setTimeout(() => modeler.get('searchPad').toggle()), // a click outside of it closes it: let this one pass
  shortcuts: showShortcuts,
  simulate: async () => (await more()).simulate(await drawn()),
};
for (const [action, button] of actions) {
  button.addEventListener('click', () => {
    button.closest('details')?.removeAttribute('open');
    verbs[action]();
  });
}

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
    event.preventDefault();
    save();
  }
});

/** What is typed at this moment is not in the diagram yet. */
window.addEventListener('beforeunload', (event) => {
  finishTyping();
  if (autosave.dirty()) event.preventDefault();
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) save();
});

/** Saves before a link of the page leads away, so that nobody is asked whether to leave. */
document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a[href]');
  const leads = link && !link.target && !link.download && link.origin === location.origin;
  if (!leads || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  finishTyping();
  if (!autosave.dirty()) return;
  event.preventDefault();
  await save();
  location.assign(link.href);
});

publishForm?.addEventListener('submit', async (event) => {
  finishTyping();
  if (!autosave.dirty()) return;
  event.preventDefault();
  const button = event.submitter;
  if (await save()) {
    publishForm.dataset.confirmed = 'true'; // app.js has asked already
    publishForm.requestSubmit(button);
  }
});

modeler.on('commandStack.changed', ({ trigger }) => {
  if (trigger !== 'clear') {
    autosave.changed();
    if (host.dataset.check) check();
  }
  refreshButtons();
});

// --- Opening ------------------------------------------------------------------------------------------------------

async function show({ xml, revision }) {
  await modeler.importXML(xml);
  showAll();
  autosave.opened(revision);
}

async function open() {
  const { kind, answer } = await draft.stored();
  if (kind !== 'done') throw new Error(`${kind} ${host.dataset.stored}`);
  await show(answer);
  const known = document.querySelector('[data-findings]')?.dataset.findings;
  if (known) findings.show(JSON.parse(known));
  else findings.wait();
  await offerCopies(answer);
}

/** Work that an earlier visit of this page could not save. */
async function offerCopies(stored) {
  const left = await copies.left();
  for (const copy of left) if (copy.xml === stored.xml) copies.drop(copy.key);
  const copy = left.find((one) => one.xml !== stored.xml);
  if (!copy) return;
  const next = async (act) => {
    await act();
    notices.clear();
    await copies.drop(copy.key);
    refreshButtons();
  };
  notices.ask(text(`Di peramban ini ada pekerjaan Anda atas SOP ini yang belum tersimpan, dari ${when(copy.at)}.`,
    `This browser has work of yours on this SOP that was not saved, from ${when(copy.at)}.`), [
    [text('Lanjutkan pekerjaan itu', 'Go on with that work'), () => next(async () => {
      await modeler.importXML(copy.xml);
      showAll();
      await copies.keep(copy.xml, copy.revision); // before the old one is dropped
      autosave.recovered(copy.revision);
      check();
    }), 'btn-primary'],
    [text('Unduh', 'Download'), () => offerBpmn(copy.xml, `${name}-belum-tersimpan`)],
    [text('Buang', 'Discard'), () => next(async () => undefined)],
  ]);
}

refreshButtons();
open().catch((error) => {
  console.warn(error);
  const line = document.querySelector('[data-status]');
  line.className = 'modeler-status is-error';
  line.textContent = text('Diagram tidak dapat dibuka. Muat ulang halaman ini untuk mencoba lagi.', 'The diagram cannot be opened. Reload this page to try again.');
});
