/** Marks on the diagram for what was guessed from a document and nobody has looked at yet: no findings, but questions. */
import { text } from '../text.js';
import { read } from './extension.js';

const ABOUT = {
  pelaksana: text('pelaksana', 'who performs it'),
  pengembalian: text('pengembalian', 'the return'),
  percabangan: text('percabangan', 'the branching'),
};

/** @returns {string[]} what of an element was guessed, in words; empty where nothing was, or somebody has looked at it */
export function guessed(element) {
  const about = read(element, 'perlu_tinjauan').split(',').map((one) => one.trim()).filter(Boolean);
  return about.map((one) => ABOUT[one] ?? one);
}

/** @returns {string[]} why it was read like that, a sentence each */
export const reasons = (element) => read(element, 'dasar').split('\n').filter(Boolean);

export const guessedFrom = (element) =>
  `${text('Ini dugaan dari dokumen', 'This was guessed from the document')}: ${guessed(element).join(', ')}.`;

const SVG = 'http://www.w3.org/2000/svg';

function shape(tag, attributes, ...inside) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

const eye = () => shape('svg', { viewBox: '0 0 16 16', width: 12, height: 12, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'aria-hidden': 'true' },
  shape('path', { d: 'M1 8Q8 0 15 8Q8 16 1 8Z' }), shape('circle', { cx: 8, cy: 8, r: 2, fill: 'currentColor' }));

/** On the lower edge of a box; beside a gateway, whose name and ways out need the space around it. */
const placeOn = ({ width }) => (width > 60 ? { bottom: 10, left: 6 } : { top: -8, left: -54 });

/** Keeps a badge at each such element, whatever is done to the diagram. */
export function markDoubts(modeler) {
  const canvas = modeler.get('canvas');
  const overlays = modeler.get('overlays');
  const registry = modeler.get('elementRegistry');
  let marked = new Map(); // what the badge of each element says

  function badge(element, title) {
    const made = document.createElement('div');
    made.className = 'doubt-badge';
    made.title = title;
    made.append(eye(), text('Tinjau', 'Review'));
    made.addEventListener('click', () => modeler.get('selection').select(element));
    return made;
  }

  function refresh() {
    const found = registry.filter((element) => !element.labelTarget && element.businessObject && guessed(element).length);
    const wanted = new Map(found.map((element) => [element.id, [guessedFrom(element), ...reasons(element)].join('\n')]));
    for (const id of marked.keys()) {
      if (wanted.get(id) === marked.get(id) || !registry.get(id)) continue;
      overlays.remove({ element: id, type: 'lajur-doubt' });
      canvas.removeMarker(id, 'modeler-doubt');
    }
    for (const [id, title] of wanted) {
      if (marked.get(id) === title && overlays.get({ element: id, type: 'lajur-doubt' }).length) continue;
      const element = registry.get(id);
      overlays.add(id, 'lajur-doubt', { html: badge(element, title), position: placeOn(element) });
      canvas.addMarker(id, 'modeler-doubt');
    }
    marked = wanted;
  }

  modeler.on(['import.done', 'commandStack.changed'], refresh);
}
