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

function follow(canvas, { x, y, scale }) {
  const { outer } = canvas.viewbox();
  canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale });
}
