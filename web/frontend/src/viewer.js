/** Shows a diagram, with marks for where a run is. Contract: README.md, "Diagram". */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import fitIcon from 'bootstrap-icons/icons/arrows-fullscreen.svg';
import smallerIcon from 'bootstrap-icons/icons/dash-lg.svg';
import largerIcon from 'bootstrap-icons/icons/plus-lg.svg';
import { fit } from './fit.js';
import { text } from './text.js';
import { together, walk } from './together.js';

/**
 * @typedef {'active' | 'done' | 'return' | 'walked' | 'review' | 'added' | 'removed' | 'changed' | 'moved'
 *   | 'tokens' | 'passed' | 'flat' | 'heat-0' | 'heat-1' | 'heat-2' | 'heat-3'} Kind
 * @typedef {{element: string, kind: Kind, text?: string, focus?: boolean, place?: 'top', href?: string}} Mark
 */

const LOOKS = {
  active: 'lajur-active', done: 'lajur-done', return: 'lajur-returned', review: 'lajur-review',
  added: 'lajur-added', removed: 'lajur-removed', changed: 'lajur-changed', moved: 'lajur-moved',
  walked: 'lajur-walked', passed: 'lajur-passed', tokens: 'lajur-tokens', flat: 'lajur-flat',
  'heat-0': 'lajur-heat-0', 'heat-1': 'lajur-heat-1', 'heat-2': 'lajur-heat-2', 'heat-3': 'lajur-heat-3',
};
const SIGNS = { active: '●', done: '✓', return: '↺', review: '?', added: '+', removed: '−', changed: '✎', moved: '⇄', tokens: '●' };

/** A whole diagram smaller than this cannot be read: then we show the place where work is waiting. */
const READABLE = 0.4;

const PADDING = { top: 16, right: 72, bottom: 16, left: 16 }; // the buttons are on the right

const fitAll = (viewer) => fit(viewer.get('canvas'), PADDING);

async function show(host) {
  const [xml, marks] = await Promise.all([fetchText(host.dataset.xml), loadMarks(host)]);
  host.replaceChildren();
  const container = document.createElement('div');
  container.className = 'diagram-canvas';
  host.append(container);
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(xml);

  const label = host.getAttribute('aria-label') ?? text('Diagram alur', 'Process diagram');
  host.setAttribute('role', 'group');
  host.setAttribute('aria-label', label);
  container.querySelector('svg').setAttribute('aria-label', label);

  showStart(viewer, paintAll(viewer, marks));
  host.append(buttons(viewer));
  scrollPageWithWheel(host);
  moveWithFingers(container, viewer.get('canvas'));
  moveWithKeys(container, viewer);
  talk(host, viewer);
  return viewer;
}

/** Paints the marks of what is there, and returns these. */
function paintAll(viewer, marks) {
  const known = marks.filter((mark) => LOOKS[mark.kind] && viewer.get('elementRegistry').get(mark.element));
  for (const mark of known) paint(viewer, mark);
  link(viewer, known);
  return known;
}

/** A click on what has an address leads there. The page has the same links for those who use no mouse. */
function link(viewer, marks) {
  const addresses = new Map(marks.filter((mark) => mark.href).map((mark) => [mark.element, mark.href]));
  if (!addresses.size) return;
  for (const element of addresses.keys()) viewer.get('canvas').addMarker(element, 'lajur-linked');
  viewer.on('element.click', ({ element }) => {
    const address = addresses.get((element.labelTarget ?? element).id);
    if (address) location.assign(address);
  });
}

/** What the page and the diagram tell each other. Contract: README.md, "Diagram". */
function talk(host, viewer) {
  let chosen = [];
  viewer.on('element.click', ({ element }) => {
    host.dispatchEvent(new CustomEvent('diagram:pick', { bubbles: true, detail: (element.labelTarget ?? element).id }));
  });
  host.addEventListener('diagram:choose', ({ detail }) => {
    chosen = choose(viewer, chosen, detail);
  });
  host.addEventListener('diagram:redraw', async () => {
    const xml = await fetchText(host.dataset.xml);
    const view = viewer.get('canvas').viewbox();
    await viewer.importXML(xml);
    viewer.get('canvas').viewbox({ x: view.x, y: view.y, width: view.width, height: view.height });
    paintAll(viewer, await loadMarks(host));
    chosen = choose(viewer, [], chosen);
  });
}

/** Outlines these elements and no others, and brings the first of them into view. Returns their ids. */
function choose(viewer, before, ids) {
  const [canvas, registry] = [viewer.get('canvas'), viewer.get('elementRegistry')];
  for (const id of before) if (registry.get(id)) canvas.removeMarker(id, 'lajur-chosen');
  const there = ids.filter((id) => registry.get(id));
  for (const id of there) canvas.addMarker(id, 'lajur-chosen');
  if (there.length && !isInView(canvas.viewbox(), registry.get(there[0]))) canvas.scrollToElement(there[0], 40);
  return there;
}

const isInView = (view, { x, y, width, height }) =>
  x >= view.x && y >= view.y && x + width <= view.x + view.width && y + height <= view.y + view.height;

async function fetchText(url) {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok || response.redirected) throw new Error(`${response.status} ${url}`); // redirected: to the log-in
  return response.text();
}

/** @returns {Promise<Mark[]>} */
async function loadMarks(host) {
  const { marks, marksUrl } = host.dataset;
  return JSON.parse(marksUrl ? await fetchText(marksUrl) : (marks ?? '[]'));
}

function paint(viewer, mark) {
  const element = viewer.get('elementRegistry').get(mark.element);
  viewer.get('canvas').addMarker(element, LOOKS[mark.kind]);
  const said = [SIGNS[mark.kind], mark.text].filter(Boolean).join(' ');
  if (!said) return;
  const note = document.createElement('div');
  note.className = `diagram-note ${LOOKS[mark.kind]}-note`;
  note.textContent = said;
  const onBox = mark.place === 'top' ? { top: -12, left: 10 } : { bottom: 11, left: 10 };
  const position = element.waypoints ? middleOf(element.waypoints) : onBox;
  viewer.get('overlays').add(element, { html: note, position, show: { minZoom: 0.25 } });
}

/** The middle of the longest stretch of a flow, relative to its bounding box. */
function middleOf(waypoints) {
  const length = (i) => Math.hypot(waypoints[i + 1].x - waypoints[i].x, waypoints[i + 1].y - waypoints[i].y);
  let longest = 0;
  for (let i = 1; i < waypoints.length - 1; i++) if (length(i) > length(longest)) longest = i;
  const [from, to] = [waypoints[longest], waypoints[longest + 1]];
  const left = Math.min(...waypoints.map((point) => point.x));
  const top = Math.min(...waypoints.map((point) => point.y));
  return { left: (from.x + to.x) / 2 - left - 16, top: (from.y + to.y) / 2 - top - 11 };
}

function showStart(viewer, marks) {
  if (fitAll(viewer) >= READABLE) return;
  const canvas = viewer.get('canvas');
  const active = marks.find((mark) => mark.focus) ?? marks.find((mark) => mark.kind === 'active');
  canvas.zoom(0.7, { x: 0, y: 0 });
  const { x, y, width, height } = active
    ? viewer.get('elementRegistry').get(active.element)
    : { ...canvas.viewbox().inner, width: 0, height: 0 };
  const view = canvas.viewbox();
  const centred = active ? { x: x + width / 2 - view.width / 2, y: y + height / 2 - view.height / 2 } : { x: x - 10, y: y - 10 };
  canvas.viewbox({ ...centred, width: view.width, height: view.height });
}

function zoom(viewer, steps) {
  viewer.get('zoomScroll').stepZoom(steps);
}

function buttons(viewer) {
  const bar = document.createElement('div');
  bar.className = 'diagram-buttons';
  for (const [svg, label, action] of [
    [largerIcon, text('Perbesar', 'Zoom in'), () => zoom(viewer, 1)],
    [smallerIcon, text('Perkecil', 'Zoom out'), () => zoom(viewer, -1)],
    [fitIcon, text('Paskan', 'Fit'), () => fitAll(viewer)],
  ]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.title = label;
    button.setAttribute('aria-label', label);
    const icon = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    icon.setAttribute('aria-hidden', 'true');
    button.append(icon);
    button.addEventListener('click', action);
    bar.append(button);
  }
  return bar;
}

/** The wheel scrolls the page, not the diagram; with Ctrl it zooms the diagram. */
function scrollPageWithWheel(host) {
  const keepFromDiagram = (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  host.addEventListener('wheel', keepFromDiagram, { capture: true, passive: true });
}

/** bpmn-js knows the mouse only. One finger moves sideways (up and down scrolls the page), two move and zoom. */
function moveWithFingers(container, canvas) {
  const fingers = new Map();
  const middle = () => {
    const points = [...fingers.values()];
    return {
      x: points.reduce((sum, point) => sum + point.x, 0) / points.length,
      y: points.reduce((sum, point) => sum + point.y, 0) / points.length,
      spread: points.length > 1 ? Math.hypot(points[0].x - points[1].x, points[0].y - points[1].y) : 0,
    };
  };
  container.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  container.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = middle();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = middle();
    canvas.scroll({ dx: after.x - before.x, dy: fingers.size > 1 ? after.y - before.y : 0 });
    if (before.spread && after.spread) {
      const box = container.getBoundingClientRect();
      const scale = Math.min(4, Math.max(0.2, (canvas.zoom() * after.spread) / before.spread));
      canvas.zoom(scale, { x: after.x - box.left, y: after.y - box.top });
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    container.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
}

/** Arrow keys move, + and - zoom, 0 fits. */
function moveWithKeys(container, viewer) {
  const step = 50;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  container.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) viewer.get('canvas').scroll({ dx: moves[event.key][0], dy: moves[event.key][1] });
    else if (event.key === '+' || event.key === '=') zoom(viewer, 1);
    else if (event.key === '-') zoom(viewer, -1);
    else if (event.key === '0') fitAll(viewer);
    else return;
    event.preventDefault();
  });
}

/** @returns {Promise<NavigatedViewer | undefined>} */
function shown(host) {
  return show(host).catch((error) => {
    console.warn(error);
    const message = document.createElement('p');
    message.className = 'diagram-error';
    message.setAttribute('role', 'alert');
    message.textContent = text('Diagram tidak dapat ditampilkan. Muat ulang halaman ini untuk mencoba lagi.',
      'The diagram cannot be shown. Reload this page to try again.');
    host.replaceChildren(message);
  });
}

const viewers = new Map([...document.querySelectorAll('[data-diagram]')].map((host) => [host, shown(host)]));
for (const pair of document.querySelectorAll('[data-diagrams-together]')) {
  const hosts = [...pair.querySelectorAll('[data-diagram]')];
  Promise.all(hosts.map((host) => viewers.get(host))).then((both) => {
    if (!both.every(Boolean)) return;
    together(both);
    walk(both, hosts.map((host) => JSON.parse(host.dataset.marks ?? '[]')), pair.querySelector('[data-next-change]'));
  });
}
