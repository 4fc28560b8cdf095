/** Our groups of the properties panel: what an SOP says about a step, its lane and its decision. */
import { Group } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';

import { text } from '../text.js';
import { gatewayAfter, isStep, waysOut } from './decisions.js';
import { guessed, guessedFrom, reasons } from './doubts.js';
import { make, read, write } from './extension.js';
import { entries } from './fields.js';
import { formGroup } from './form.js';

const property = (name, label, rest = {}) => ({
  name,
  label,
  get: (element) => read(element, name),
  set: (value, element, services) => write(element, { [name]: value }, services),
  ...rest,
});

const MUTU_BAKU = [
  property('waktu', text('Waktu', 'Time'), { hint: text('Contoh: 30 menit, 2 jam, 1 hari', 'For example: 30 menit, 2 jam, 1 hari') }),
  property('kelengkapan', text('Kelengkapan', 'What it needs'), { kind: 'long' }),
  property('output', text('Output', 'What it yields'), { kind: 'long' }),
  property('keterangan', text('Keterangan', 'Remarks'), { kind: 'long' }),
  property('penanggung_jawab', text('Penanggung jawab', 'Person in charge')),
  property('langkah', text('Nomor langkah', 'Number of the step'), { hint: text('Seperti tercetak dalam SOP', 'As printed in the SOP') }),
  property('pengesahan', text('Pengesahan', 'Approval'), {
    hint: text('Tercatat atas nama yang menyelesaikan langkah ini', 'Recorded in the name of whoever finishes this step'),
    kind: 'select',
    options: [
      { value: '', label: text('Tidak ada', 'None') },
      { value: 'paraf', label: text('Paraf', 'Paraf (initials)') },
      { value: 'tanda tangan', label: text('Tanda tangan', 'Signature') },
    ],
  }),
];

// --- Who performs a step ------------------------------------------------------------------------------------------

const MANNERS = [
  { value: '', label: text('Salah satu pemegang jabatan', 'Any holder of the jabatan') },
  { value: 'parallel', label: text('Setiap pemegang jabatan, bersamaan', 'Every holder, at the same time') },
  { value: 'sequential', label: text('Setiap pemegang jabatan, bergantian', 'Every holder, one after another') },
];

const PERFORMERS = [
  {
    name: 'pengerjaan',
    label: text('Dikerjakan oleh', 'Done by'),
    kind: 'select',
    options: MANNERS,
    get({ businessObject: { loopCharacteristics: loop } }) {
      if (!loop) return '';
      return loop.isSequential ? 'sequential' : 'parallel';
    },
    set(value, element, services) {
      const loopCharacteristics = value
        ? make(services, 'bpmn:MultiInstanceLoopCharacteristics',
          { isSequential: value === 'sequential', 'camunda:collection': '${pemegang}', 'camunda:elementVariable': 'pemegang_tugas' }, element.businessObject)
        : undefined;
      services.modeling.updateProperties(element, { loopCharacteristics });
    },
  },
  property('bukan_pelaksana', text('Empat mata: bukan pelaksana langkah', 'Four eyes: not the performer of step'), {
    hint: text('Nomor langkah, misalnya 2 atau 2, 3', 'Numbers of steps, such as 2 or 2, 3'),
  }),
  {
    name: 'hanya_definitif',
    label: text('Hanya pejabat definitif, bukan Plt. atau Plh.', 'Definitive officials only, no Plt. or Plh.'),
    kind: 'checkbox',
    get: (element) => ['ya', 'true', '1'].includes(read(element, 'hanya_definitif').trim().toLowerCase()),
    set: (value, element, services) => write(element, { hanya_definitif: value ? 'ya' : '' }, services),
  },
];

// --- Lane ---------------------------------------------------------------------------------------------------------

function laneFields(element, jabatan) {
  const own = element.businessObject.name ?? '';
  const strange = jabatan.includes(own) ? [] : [{ value: own, label: own || text('Belum dipilih', 'Not chosen yet') }];
  return [{
    name: 'jabatan',
    label: text('Jabatan', 'Jabatan (position)'),
    hint: strange.length
      ? text('Nama lajur ini tidak sama dengan nama jabatan mana pun di kantor Anda.', 'The name of this lane is that of no jabatan of your office.')
      : undefined,
    kind: 'select',
    options: [...strange, ...jabatan.map((name) => ({ value: name, label: name }))],
    get: () => own,
    set: (value, lane, { modeling }) => modeling.updateProperties(lane, { name: value }),
  }];
}

// --- Decision -----------------------------------------------------------------------------------------------------

const called = ({ businessObject, id }) => businessObject.name || id;

/** At a step: where it sends the work back to. */
function returnFields(element, decisions) {
  const back = decisions.wayBack(element);
  const targets = decisions.before(element);
  if (back && !targets.includes(back.target)) targets.push(back.target);
  return [{
    name: 'kembali',
    label: text('Bila tidak disetujui, kembali ke', 'If not approved, back to'),
    kind: 'select',
    options: [{ value: '', label: text('Tidak dapat dikembalikan', 'Cannot be returned') },
      ...targets.map((step) => ({ value: step.id, label: called(step) }))],
    get: () => back?.target.id ?? '',
    set: (value, step, services) => services.decisions.returnTo(step, value),
  }];
}

/** At a gateway: what it asks, and each way out of it. */
function gatewayFields(element, decisions) {
  const steps = decisions.steps();
  return [
    {
      name: 'pertanyaan',
      label: text('Pertanyaan', 'Question'),
      get: () => element.businessObject.name ?? '',
      set: (value, gateway, { modeling }) => modeling.updateProperties(gateway, { name: value }),
    },
    ...waysOut(element).flatMap((way, place) => wayFields(way, place + 1, steps, decisions)),
  ];
}

function wayFields(way, number, steps, decisions) {
  const targets = steps.includes(way.target) ? steps : [way.target, ...steps];
  return [
    {
      name: `jalan-${way.id}`,
      label: text(`Jawaban ${number}`, `Answer ${number}`),
      hint: decisions.returns(way) ? text('Mengembalikan pekerjaan', 'Returns the work') : undefined,
      get: () => way.businessObject.name ?? '',
      set: (value, _gateway, { modeling }) => modeling.updateProperties(way, { name: value }),
    },
    {
      name: `tujuan-${way.id}`,
      label: text(`Jawaban ${number} menuju`, `Answer ${number} leads to`),
      kind: 'select',
      options: targets.map((step) => ({ value: step.id, label: called(step) })),
      get: () => way.target.id,
      set(value, _gateway, { modeling }) {
        const target = targets.find((step) => step.id === value);
        modeling.reconnectEnd(way, target, { x: target.x + target.width / 2, y: target.y + target.height / 2 });
      },
    },
  ];
}

// --- Doubts -------------------------------------------------------------------------------------------------------

function Doubts({ element }) {
  const services = { modeling: useService('modeling'), bpmnFactory: useService('bpmnFactory') };
  return h('div', { class: 'modeler-doubts' }, [
    h('p', {}, guessedFrom(element)),
    ...reasons(element).map((reason) => h('p', { class: 'modeler-doubts-reason' }, reason)),
    h('button', {
      type: 'button',
      class: 'btn btn-sm btn-outline-primary',
      onClick: () => write(element, { perlu_tinjauan: '', dasar: '' }, services),
    }, text('Sudah saya periksa', 'I have checked this')),
  ]);
}

// --- Groups -------------------------------------------------------------------------------------------------------

const group = (id, label, made, shouldOpen = false) => ({ id, label, component: Group, shouldOpen, entries: made });

class PropertiesProvider {
  static $inject = ['propertiesPanel', 'decisions', 'modeling', 'bpmnFactory', 'config.jabatan'];

  constructor(propertiesPanel, decisions, modeling, bpmnFactory, jabatan) {
    Object.assign(this, { decisions, jabatan: jabatan ?? [], services: { modeling, bpmnFactory } });
    propertiesPanel.registerProvider(400, this);
  }

  getGroups(element) {
    return (groups) => (element.labelTarget || Array.isArray(element) ? groups : [...groups, ...this.own(element)]);
  }

  *own(element) {
    if (guessed(element).length) {
      const entry = { id: 'tinjauan-dugaan', element, component: Doubts };
      yield group('tinjauan', text('Perlu ditinjau', 'To be reviewed'), [entry], true);
    }
    if (is(element, 'bpmn:Lane')) {
      yield group('jabatan', text('Pelaksana', 'Performer'), entries('jabatan', element, laneFields(element, this.jabatan)), true);
    }
    if (element.type === 'bpmn:ExclusiveGateway' && waysOut(element).length > 1) {
      yield group('keputusan', text('Keputusan', 'Decision'), entries('keputusan', element, gatewayFields(element, this.decisions)), true);
    }
    if (isStep(element)) yield* this.ofStep(element);
  }

  *ofStep(element) {
    yield group('mutuBaku', text('Mutu baku', 'Mutu baku (standard of the step)'), entries('mutuBaku', element, MUTU_BAKU), true);
    if (gatewayAfter(element) || waysOut(element).length === 1) {
      yield group('keputusan', text('Pengembalian', 'Return'), entries('keputusan', element, returnFields(element, this.decisions)), true);
    }
    yield group('pelaksana', text('Pelaksana', 'Performer'), entries('pelaksana', element, PERFORMERS));
    yield formGroup(element, this.services);
  }
}

export const PropertiesModule = {
  __init__: ['lajurProperties'],
  lajurProperties: ['type', PropertiesProvider],
};
