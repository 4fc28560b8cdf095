/** The fields of a step's form, as a list of the properties panel. They are its camunda:formData. */
import { ListGroup } from '@bpmn-io/properties-panel';

import { text } from '../text.js';
import { make, partOf, withPart } from './extension.js';
import { entries } from './fields.js';

const TYPES = [
  { value: 'string', label: text('Teks', 'Text') },
  { value: 'long', label: text('Bilangan', 'Number') },
  { value: 'boolean', label: text('Ya / tidak', 'Yes / no') },
  { value: 'date', label: text('Tanggal', 'Date') },
  { value: 'enum', label: text('Pilihan', 'Choice') },
];

const formOf = (element) => partOf(element, 'camunda:FormData');
const fieldsOf = (element) => formOf(element)?.get('fields') ?? [];
const slug = (words) => words.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');

const required = (field) => field.validation?.get('constraints').find((one) => one.name === 'required' && one.config !== 'false');

/** Any other constraint of another modeler stays. */
function setRequired(field, wanted, element, services) {
  const validation = field.validation ?? make(services, 'camunda:Validation', { constraints: [] }, field);
  const others = validation.get('constraints').filter((one) => one.name !== 'required');
  const own = wanted ? [make(services, 'camunda:Constraint', { name: 'required' }, validation)] : [];
  if (!field.validation) {
    validation.constraints = own;
    services.modeling.updateModdleProperties(element, field, { validation });
  } else if (others.length + own.length) {
    services.modeling.updateModdleProperties(element, validation, { constraints: [...others, ...own] });
  } else {
    services.modeling.updateModdleProperties(element, field, { validation: undefined });
  }
}

/** An option that keeps its words keeps its id, which runs have kept by now. */
function setOptions(field, lines, element, services) {
  const names = [...new Set(lines.split('\n').map((line) => line.trim()).filter(Boolean))];
  const known = new Map((field.get('values') ?? []).map((value) => [value.name, value.id]));
  const taken = new Set(names.map((name) => known.get(name)).filter(Boolean));
  const values = names.map((name) => {
    let id = known.get(name);
    if (!id) {
      id = slug(name) || 'pilihan';
      while (taken.has(id)) id += '_baru';
      taken.add(id);
    }
    return make(services, 'camunda:Value', { id, name }, field);
  });
  services.modeling.updateModdleProperties(element, field, { values });
}

/** What one field is made of; each writes one attribute. */
function partsOf(field) {
  const attribute = (name, rest) => ({
    name,
    get: () => field.get(name) ?? '',
    set: (value, element, { modeling }) => modeling.updateModdleProperties(element, field, { [name]: value || undefined }),
    ...rest,
  });
  return [
    attribute('label', { label: text('Pertanyaan', 'Question') }),
    attribute('type', {
      label: text('Jenis isian', 'Kind of answer'),
      kind: 'select',
      options: TYPES.some((type) => type.value === field.type) ? TYPES : [{ value: field.type ?? '', label: field.type ?? '' }, ...TYPES],
    }),
    ...(field.type === 'enum' ? [{
      name: 'values',
      label: text('Pilihan, satu setiap baris', 'Choices, one a line'),
      kind: 'long',
      get: () => (field.get('values') ?? []).map((value) => value.name).join('\n'),
      set: (value, element, services) => setOptions(field, value ?? '', element, services),
    }] : []),
    ...(field.type === 'boolean' ? [] : [{
      name: 'required',
      label: text('Wajib diisi', 'Required'),
      kind: 'checkbox',
      get: () => Boolean(required(field)),
      set: (value, element, services) => setRequired(field, value, element, services),
    }]),
    defaultOf(field, attribute),
    attribute('id', {
      label: text('Nama simpan', 'Kept as'),
      hint: text('Huruf, angka, dan garis bawah; jangan diubah setelah diterbitkan', 'Letters, digits and underscores; not to be changed once published'),
    }),
  ];
}

function defaultOf(field, attribute) {
  const label = text('Nilai awal', 'Default');
  const choices = {
    boolean: [{ value: 'true', label: text('Ya', 'Yes') }, { value: 'false', label: text('Tidak', 'No') }],
    enum: (field.get('values') ?? []).map(({ id, name }) => ({ value: id, label: name })),
  }[field.type];
  if (!choices) return attribute('defaultValue', { label });
  return attribute('defaultValue', { label, kind: 'select', options: [{ value: '', label: text('Tidak ada', 'None') }, ...choices] });
}

function add(element, services) {
  const present = fieldsOf(element);
  const ids = new Set(present.map((field) => field.id));
  let number = present.length + 1;
  while (ids.has(`isian_${number}`)) number += 1;
  const field = (form) => make(services, 'camunda:FormField', { id: `isian_${number}`, label: text('Isian baru', 'New field'), type: 'string' }, form);
  const form = formOf(element);
  if (form) services.modeling.updateModdleProperties(element, form, { fields: [...present, field(form)] });
  else withPart(element, 'camunda:FormData', (part) => Object.assign(part, { fields: [field(part)] }), services);
}

export function formGroup(element, services) {
  return {
    id: 'formulir',
    label: text('Formulir', 'Form'),
    component: ListGroup,
    element,
    add: (event) => {
      event.stopPropagation();
      add(element, services);
    },
    items: fieldsOf(element).map((field, place) => ({
      id: `formulir-${place}`,
      label: field.label || field.id,
      entries: entries(`formulir-${place}`, element, partsOf(field)),
      autoFocusEntry: `formulir-${place}-label`,
      remove: (event) => {
        event.stopPropagation();
        services.modeling.updateModdleProperties(element, formOf(element), { fields: fieldsOf(element).filter((one) => one !== field) });
      },
    })),
  };
}
