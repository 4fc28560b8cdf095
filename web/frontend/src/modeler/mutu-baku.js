/** The mutu baku of a step as fields of the properties panel. They are camunda:properties of the task. */
import {
  Group,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';

import { text } from '../text.js';

const FIELDS = [
  { name: 'waktu', label: text('Waktu', 'Time'), hint: text('Contoh: 30 menit, 2 jam, 1 hari', 'For example: 30 menit, 2 jam, 1 hari') },
  { name: 'kelengkapan', label: text('Kelengkapan', 'What it needs'), long: true },
  { name: 'output', label: text('Output', 'What it yields'), long: true },
  { name: 'keterangan', label: text('Keterangan', 'Remarks'), long: true },
  { name: 'penanggung_jawab', label: text('Penanggung jawab', 'Person in charge') },
  {
    name: 'pengesahan',
    label: text('Pengesahan', 'Approval'),
    hint: text('Tercatat atas nama yang menyelesaikan langkah ini', 'Recorded in the name of whoever finishes this step'),
    options: [
      { value: '', label: text('Tidak ada', 'None') },
      { value: 'paraf', label: text('Paraf', 'Paraf (initials)') },
      { value: 'tanda tangan', label: text('Tanda tangan', 'Signature') },
    ],
  },
];

const ofType = (elements, type) => elements?.find((one) => is(one, type));
const extension = (element) => element.businessObject.get('extensionElements');
const properties = (element) => ofType(extension(element)?.get('values'), 'camunda:Properties');

function read(element, name) {
  return properties(element)?.get('values').find((property) => property.name === name)?.value ?? '';
}

/** Sets, adds or (for an empty value) removes one property, as one step that can be undone. */
function write(element, name, value, { modeling, bpmnFactory }) {
  const make = (type, attributes, parent) => Object.assign(bpmnFactory.create(type, attributes), { $parent: parent });
  const set = (target, changes) => modeling.updateModdleProperties(element, target, changes);
  const property = (parent) => (value ? [make('camunda:Property', { name, value }, parent)] : []);

  const holder = properties(element);
  if (holder) {
    const values = [...holder.get('values')];
    const place = values.findIndex((one) => one.name === name);
    values.splice(place < 0 ? values.length : place, place < 0 ? 0 : 1, ...property(holder));
    set(holder, { values });
    return;
  }
  if (!value) return;
  const present = extension(element);
  const all = present ?? make('bpmn:ExtensionElements', { values: [] }, element.businessObject);
  const created = make('camunda:Properties', {}, all);
  created.values = property(created);
  if (present) {
    set(present, { values: [...present.get('values'), created] });
  } else {
    all.values = [created];
    set(element.businessObject, { extensionElements: all });
  }
}

/** The kind of entry that a field is, and how it tells that something is in it. */
function entry(field) {
  if (field.options) return [SelectEntry, isSelectEntryEdited];
  return field.long ? [TextAreaEntry, isTextAreaEntryEdited] : [TextFieldEntry, isTextFieldEntryEdited];
}

function Field({ element, id, field }) {
  const services = { modeling: useService('modeling'), bpmnFactory: useService('bpmnFactory') };
  return h(entry(field)[0], {
    element,
    id,
    label: field.label,
    description: field.hint,
    debounce: useService('debounceInput'),
    autoResize: true,
    getOptions: () => field.options,
    getValue: () => read(element, field.name),
    setValue: (value) => write(element, field.name, value, services),
  });
}

class MutuBakuProvider {
  static $inject = ['propertiesPanel'];

  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(400, this);
  }

  getGroups(element) {
    return (groups) => (is(element, 'bpmn:Task') && !element.labelTarget ? [...groups, this.group(element)] : groups);
  }

  group(element) {
    const entries = FIELDS.map((field) => ({
      id: `mutuBaku-${field.name}`,
      element,
      field,
      component: Field,
      isEdited: entry(field)[1],
    }));
    return { id: 'mutuBaku', label: text('Mutu baku', 'Mutu baku (standard of the step)'), component: Group, shouldOpen: true, entries };
  }
}

export const MutuBakuModule = {
  __init__: ['mutuBakuProvider'],
  mutuBakuProvider: ['type', MutuBakuProvider],
};
