/** Entries of the properties panel, described by what they are called and what they read and write. */
import {
  CheckboxEntry,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
  isCheckboxEntryEdited,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';

/**
 * @typedef {object} FieldOf
 * @property {string} name
 * @property {string} label
 * @property {string} [hint]
 * @property {'text' | 'long' | 'select' | 'checkbox'} [kind]
 * @property {{value: string, label: string}[]} [options] of a select
 * @property {(element: any) => any} get
 * @property {(value: any, element: any, services: any) => void} set
 */

const KINDS = {
  text: [TextFieldEntry, isTextFieldEntryEdited],
  long: [TextAreaEntry, isTextAreaEntryEdited],
  select: [SelectEntry, isSelectEntryEdited],
  checkbox: [CheckboxEntry, isCheckboxEntryEdited],
};

function Field({ element, id, field }) {
  const services = {
    modeling: useService('modeling'),
    bpmnFactory: useService('bpmnFactory'),
    bpmnReplace: useService('bpmnReplace'),
    decisions: useService('decisions'),
  };
  return h(KINDS[field.kind ?? 'text'][0], {
    element,
    id,
    label: field.label,
    description: field.hint,
    debounce: useService('debounceInput'),
    autoResize: true,
    getOptions: () => field.options,
    getValue: () => field.get(element),
    setValue: (value) => field.set(value, element, services),
  });
}

/** @param {FieldOf[]} fields @returns the entries of a group */
export const entries = (group, element, fields) =>
  fields.map((field) => ({
    id: `${group}-${field.name}`,
    element,
    field,
    component: Field,
    isEdited: KINDS[field.kind ?? 'text'][1],
  }));
