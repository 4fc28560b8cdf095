/** The camunda:properties of an element, and other parts of its extensionElements. */
import { is } from 'bpmn-js/lib/util/ModelUtil';

/** @typedef {{modeling: any, bpmnFactory: any}} Services of bpmn-js */

export const partOf = (element, type) => element.businessObject.get('extensionElements')?.get('values').find((part) => is(part, type));

export function make({ bpmnFactory }, type, attributes, parent) {
  return Object.assign(bpmnFactory.create(type, attributes), { $parent: parent });
}

/** The part of that type, made beforehand where the element has none; `fill(part)` puts things into a new one. */
export function withPart(element, type, fill, services) {
  const { businessObject } = element;
  const present = businessObject.get('extensionElements');
  const all = present ?? make(services, 'bpmn:ExtensionElements', { values: [] }, businessObject);
  const part = make(services, type, {}, all);
  fill(part);
  const values = [...(present?.get('values') ?? []), part];
  if (present) services.modeling.updateModdleProperties(element, present, { values });
  else services.modeling.updateModdleProperties(element, businessObject, { extensionElements: Object.assign(all, { values }) });
}

export function read(element, name) {
  const properties = partOf(element, 'camunda:Properties');
  return properties?.get('values').find((property) => property.name === name)?.value ?? '';
}

/** Sets properties, or (for an empty value) removes them, as one step that can be undone; each keeps its place. */
export function write(element, values, services) {
  const holder = partOf(element, 'camunda:Properties');
  const property = (name, parent) => make(services, 'camunda:Property', { name, value: values[name] }, parent);
  const added = (parent, present) =>
    Object.keys(values).filter((name) => values[name] && !present.includes(name)).map((name) => property(name, parent));
  if (!holder) {
    const fill = (part) => Object.assign(part, { values: added(part, []) });
    if (Object.values(values).some(Boolean)) withPart(element, 'camunda:Properties', fill, services);
    return;
  }
  const old = holder.get('values');
  const kept = old.flatMap((one) => {
    if (!(one.name in values)) return [one];
    return values[one.name] ? [property(one.name, holder)] : [];
  });
  services.modeling.updateModdleProperties(element, holder, {
    values: [...kept, ...added(holder, old.map((one) => one.name))],
  });
}
