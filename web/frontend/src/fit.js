/**
 * Shows the whole diagram, never larger than drawn.
 *
 * @param {{top: number, right: number, bottom: number, left: number}} padding in pixels
 * @returns {number} the scale it is shown in
 */
export function fit(canvas, padding) {
  canvas.resized(); // it remembers its size, and a window may have been resized or a phone turned since
  const { inner, outer } = canvas.viewbox();
  const room = { width: outer.width - padding.left - padding.right, height: outer.height - padding.top - padding.bottom };
  const scale = Math.min(room.width / inner.width, room.height / inner.height, 1);
  canvas.viewbox({
    x: inner.x - (padding.left + (room.width - inner.width * scale) / 2) / scale,
    y: inner.y - (padding.top + (room.height - inner.height * scale) / 2) / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
  return scale;
}
