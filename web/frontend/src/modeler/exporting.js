/** Takes the diagram out of the page: as BPMN, as a drawing (SVG) or as a picture (PNG). */

const SCALE = 2; // pixels of the picture for each of the drawing, so that it prints well
const MOST = 12_000; // pixels of a side that every browser can draw

export function offer(content, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const offerBpmn = (xml, name) => offer(new Blob([xml], { type: 'application/xml' }), `${name}.bpmn`);

export async function offerSvg(modeler, name) {
  const { svg } = await modeler.saveSVG();
  offer(new Blob([svg], { type: 'image/svg+xml' }), `${name}.svg`);
}

export async function offerPng(modeler, name) {
  const { svg } = await modeler.saveSVG();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(SCALE, MOST / Math.max(image.naturalWidth, image.naturalHeight));
  const sheet = document.createElement('canvas');
  sheet.width = Math.ceil(image.naturalWidth * scale);
  sheet.height = Math.ceil(image.naturalHeight * scale);
  const pen = sheet.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(image, 0, 0, sheet.width, sheet.height);
  offer(await new Promise((resolve) => sheet.toBlob(resolve, 'image/png')), `${name}.png`);
}
