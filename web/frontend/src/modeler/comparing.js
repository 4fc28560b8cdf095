/** Shows two states of a diagram above each other, with what differs marked on both and told in words. */
import { ChangeHandler, diff } from 'bpmn-js-differ';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import { fit } from '../fit.js';
import { text } from '../text.js';
import { openDialog } from './dialog.js';

/** What differs: the look on the diagram, a sign so that it is not the colour alone, and words. */
const KINDS = {
  mine: { sign: '+', words: text('Hanya pada pekerjaan Anda', 'Only in your work') },
  theirs: { sign: '−', words: text('Hanya pada yang tersimpan', 'Only in what is saved') },
  changed: { sign: '≠', words: text('Berbeda', 'Differs') },
  moved: { sign: '↔', words: text('Berpindah tempat', 'Moved') },
};

const TYPES = {
  'bpmn:UserTask': text('Langkah', 'Step'),
  'bpmn:ManualTask': text('Langkah', 'Step'),
  'bpmn:Task': text('Langkah', 'Step'),
  'bpmn:ExclusiveGateway': text('Keputusan', 'Decision'),
  'bpmn:ParallelGateway': text('Cabang', 'Branching'),
  'bpmn:SequenceFlow': text('Alur', 'Flow'),
  'bpmn:Lane': text('Lajur', 'Lane'),
  'bpmn:StartEvent': text('Mulai', 'Start'),
  'bpmn:EndEvent': text('Selesai', 'End'),
  'bpmn:Process': text('Proses', 'Process'),
  'bpmn:Participant': text('Kolam', 'Pool'),
  'bpmn:TextAnnotation': text('Catatan', 'Annotation'),
};

const PARTS = {
  name: text('nama', 'name'),
  documentation: text('uraian', 'description'),
  extensionElements: text('mutu baku atau formulir', 'mutu baku or form'),
  conditionExpression: text('syarat', 'condition'),
  sourceRef: text('asal', 'origin'),
  targetRef: text('tujuan', 'target'),
  flowNodeRef: text('isi lajur', 'contents of the lane'),
  loopCharacteristics: text('cara pengerjaan', 'manner'),
};

/** What others than the element itself tell. */
const UNTOLD = /^(flowElements|laneSets|artifacts|participants|processRef|rootElements|diagrams)/;

/** Also remembers which parts of an element differ where the difference lies deeper in them. */
class Changes extends ChangeHandler {
  parts = new Map();

  changed(model, property, newValue, oldValue) {
    super.changed(model, property, newValue, oldValue);
    if (UNTOLD.test(property)) return;
    if (!this.parts.has(model.id)) this.parts.set(model.id, new Set());
    this.parts.get(model.id).add(property.replace(/\[.*/, ''));
  }
}

/** @returns {{id: string, kind: keyof KINDS, words: string}[]} */
function differences(theirs, mine) {
  const changes = diff(theirs, mine, new Changes());
  const found = [];
  const tell = (kind, model, more = '') => found.push({ id: model.id, kind, words: `${called(model)}${more}` });
  for (const model of Object.values(changes._added)) tell('mine', model);
  for (const model of Object.values(changes._removed)) tell('theirs', model);
  for (const { model } of Object.values(changes._changed)) {
    const parts = [...(changes.parts.get(model.id) ?? [])].map((name) => PARTS[name] ?? name);
    if (parts.length) tell('changed', model, `: ${[...new Set(parts)].join(', ')}`);
  }
  const known = new Set(found.map((one) => one.id));
  for (const model of Object.values(changes._layoutChanged)) if (!known.has(model.id)) tell('moved', model);
  return found;
}

function called(model) {
  const type = TYPES[model.$type] ?? text('Unsur', 'Element');
  const ends = [model.sourceRef, model.targetRef].map((end) => end && (end.name || end.id));
  const name = model.name || (ends[1] ? `${ends[0]} → ${ends[1]}` : model.id);
  return `${type} “${name}”`;
}

function pane(title, parent) {
  const section = document.createElement('section');
  section.className = 'modeler-pane';
  const heading = document.createElement('h3');
  heading.textContent = title;
  const container = document.createElement('div');
  container.className = 'modeler-dialog-canvas';
  section.append(heading, container);
  parent.append(section);
  return new NavigatedViewer({ container });
}

function mark(viewer, found) {
  const registry = viewer.get('elementRegistry');
  for (const { id, kind } of found) {
    const element = registry.get(id);
    if (!element || !element.parent) continue;
    viewer.get('canvas').addMarker(id, `differs-${kind}`);
    if (element.waypoints || kind === 'moved') continue;
    const sign = document.createElement('div');
    sign.className = `differs-sign is-${kind}`;
    sign.textContent = KINDS[kind].sign;
    sign.title = KINDS[kind].words;
    viewer.get('overlays').add(id, { html: sign, position: { top: -11, right: 11 } });
  }
}

function list(found, viewers) {
  if (!found.length) {
    const none = document.createElement('p');
    none.textContent = text('Tidak ada perbedaan.', 'There are no differences.');
    return none;
  }
  const rows = document.createElement('ul');
  rows.className = 'modeler-differences';
  for (const { id, kind, words } of found) {
    const row = document.createElement('li');
    const go = document.createElement('button');
    go.type = 'button';
    go.className = `is-${kind}`;
    const said = document.createElement('strong');
    said.textContent = `${KINDS[kind].sign} ${KINDS[kind].words}`;
    go.append(said, ' ', words);
    go.addEventListener('click', () => {
      for (const viewer of viewers) {
        const element = viewer.get('elementRegistry').get(id);
        if (element?.parent) viewer.get('canvas').scrollToElement(element, 60);
      }
    });
    row.append(go);
    rows.append(row);
  }
  return rows;
}

/** @param {{mine: string, theirs: string}} states as XML */
export async function compare({ mine, theirs }) {
  const { dialog, body } = openDialog(text('Bandingkan', 'Compare'), 'modeler-dialog-wide');
  body.classList.add('modeler-compare');
  const panes = document.createElement('div');
  panes.className = 'modeler-panes';
  body.append(panes);
  const viewers = [
    pane(text('Yang tersimpan', 'What is saved'), panes),
    pane(text('Pekerjaan Anda', 'Your work'), panes),
  ];
  dialog.addEventListener('close', () => viewers.forEach((viewer) => viewer.destroy()));
  await Promise.all([viewers[0].importXML(theirs), viewers[1].importXML(mine)]);
  const found = differences(...viewers.map((viewer) => viewer.getDefinitions()));
  body.append(list(found, viewers));
  for (const viewer of viewers) {
    mark(viewer, found);
    viewer.get('canvas').resized(); // both panes and the list share the room only now
    fit(viewer.get('canvas'), { top: 20, right: 20, bottom: 20, left: 20 });
  }
}
