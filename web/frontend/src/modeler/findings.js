/** What the server says about the diagram: a list beside it and marks on it. */
import { text } from '../text.js';

/** @typedef {{element: string | null, severity: 'error' | 'warning', message: string}} Finding */

const KINDS = {
  error: { word: text('Salah', 'Error'), sign: '!' },
  warning: { word: text('Periksa', 'Check'), sign: '?' },
};

const kindOf = (finding) => (finding.severity === 'error' ? 'error' : 'warning');

function node(tag, className, words = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = words;
  return element;
}

/** @param {HTMLElement | null} list where the findings are shown */
export function createFindings(modeler, list) {
  const canvas = modeler.get('canvas');
  const overlays = modeler.get('overlays');
  const registry = modeler.get('elementRegistry');
  let marked = [];

  function goTo(id) {
    const element = registry.get(id);
    if (!element) return;
    modeler.get('selection').select(element);
    canvas.scrollToElement(element, { top: 120, right: 120, bottom: 120, left: 120 });
    canvas.focus();
  }

  function item(finding) {
    const kind = kindOf(finding);
    const row = node('li', `finding is-${kind}`);
    const known = finding.element && registry.get(finding.element);
    const body = node(known ? 'button' : 'p', 'finding-body');
    if (known) {
      body.type = 'button';
      body.addEventListener('click', () => goTo(finding.element));
    }
    body.append(node('strong', 'finding-kind', KINDS[kind].word), node('span', 'finding-message', finding.message));
    if (known?.businessObject.name) body.append(node('span', 'finding-where', known.businessObject.name));
    row.append(body);
    return row;
  }

  function clearMarks() {
    overlays.remove({ type: 'lajur-finding' });
    for (const [id, marker] of marked) if (registry.get(id)) canvas.removeMarker(id, marker);
    marked = [];
  }

  /** One mark for each element: an error hides a warning. */
  function mark(findings) {
    const worst = new Map();
    for (const finding of findings) {
      if (registry.get(finding.element) && worst.get(finding.element) !== 'error') worst.set(finding.element, kindOf(finding));
    }
    for (const [id, kind] of worst) {
      const messages = findings.filter((finding) => finding.element === id).map((finding) => finding.message);
      const badge = node('div', `finding-badge is-${kind}`, KINDS[kind].sign);
      badge.title = messages.join('\n');
      overlays.add(id, 'lajur-finding', { html: badge, position: { top: -11, right: 11 } });
      canvas.addMarker(id, `finding-${kind}`);
      marked.push([id, `finding-${kind}`]);
    }
  }

  const note = (words) => list?.replaceChildren(node('p', 'finding-none', words));

  return {
    /** Before the server has said anything. */
    wait() {
      note(text('Temuan muncul setelah diagram disimpan.', 'Findings appear once the diagram is saved.'));
    },

    /** @param {Finding[]} findings */
    show(findings) {
      clearMarks();
      mark(findings.filter((finding) => finding.element));
      if (!list) return;
      const rows = node('ul', 'finding-list');
      rows.append(...findings.map(item));
      if (findings.length) list.replaceChildren(rows);
      else note(text('Tidak ada temuan. Diagram siap diterbitkan.', 'Nothing found. The diagram is ready.'));
    },
  };
}
