/**
 * Diagrams of two versions, looked at as one: whoever moves or zooms one moves the other. What did not change has the
 * same place in both, so the same part of the sheet is shown.
 *
 * @param {import('bpmn-js/lib/NavigatedViewer').default[]} viewers
 */
export function together(viewers) {
  let following = false;
  for (const viewer of viewers) {
    viewer.on('canvas.viewbox.changed', ({ viewbox }) => {
      if (following) return;
      following = true;
      for (const other of viewers) if (other !== viewer) follow(other.get('canvas'), viewbox);
      following = false;
    });
  }
  if (viewers.length > 1) follow(viewers[0].get('canvas'), viewers.at(-1).get('canvas').viewbox());
}

/**
 * A button that goes from one change to the next, from left to right, whichever of the diagrams has it.
 *
 * @param {import('bpmn-js/lib/NavigatedViewer').default[]} viewers
 * @param {{element: string, text?: string}[][]} marks of each of them
 * @param {HTMLButtonElement | null} button
 */
export function walk(viewers, marks, button) {
  const places = new Map();
  viewers.forEach((viewer, side) => {
    for (const { element, text } of marks[side]) {
      const found = viewer.get('elementRegistry').get(element);
      if (text && found) places.set(element, { viewer, found });
    }
  });
  const inOrder = [...places.values()].sort((one, other) => one.found.x - other.found.x || one.found.y - other.found.y);
  if (!button || !inOrder.length) return;
  let next = 0;
  button.hidden = false;
  button.addEventListener('click', () => {
    const { viewer, found } = inOrder[next];
    next = (next + 1) % inOrder.length;
    const canvas = viewer.get('canvas');
    const { width, height } = canvas.viewbox();
    canvas.viewbox({ x: found.x + found.width / 2 - width / 2, y: found.y + found.height / 2 - height / 2, width, height });
  });
}

function follow(canvas, { x, y, scale }) {
  const { outer } = canvas.viewbox();
  canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale });
}
