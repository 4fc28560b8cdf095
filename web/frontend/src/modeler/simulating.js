/** Tries a diagram out: tokens run through it, and whoever watches decides at each gateway. Nothing of it is kept. */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import TokenSimulationModule from 'bpmn-js-token-simulation/lib/viewer';

import { fit } from '../fit.js';
import { isEnglish, text } from '../text.js';
import { openDialog } from './dialog.js';

/** The simulation has no words of another language to choose from; these stand in its texts and titles. */
const WORDS = new Map(Object.entries({
  'Token Simulation': 'Uji coba alur',
  'Toggle Simulation Log': 'Buka atau tutup catatan',
  'Simulation Log': 'Catatan uji coba',
  'No Entries': 'Belum ada catatan',
  'Close': 'Tutup',
  'Reset Simulation': 'Ulang dari awal',
  'Play/Pause Simulation': 'Jalankan atau jeda',
  'Pause Simulation': 'Uji coba dijeda',
  'Play Simulation': 'Uji coba berjalan',
  'Found unsupported elements': 'Ada unsur yang tidak dapat diuji coba',
  'Not supported': 'Tidak dapat diuji coba',
  'Finished': 'Selesai',
  'Set Sequence Flow': 'Pilih jalan keluar',
  'Trigger Event': 'Jalankan',
  'Add pause point': 'Berhenti di sini',
  'Remove pause point': 'Jangan berhenti di sini',
  'Start Event': 'Mulai',
  'End Event': 'Selesai',
  'Intermediate Event': 'Kejadian antara',
  'Boundary Event': 'Kejadian tepi',
  'Task': 'Langkah',
  'User Task': 'Langkah pegawai',
  'Manual Task': 'Langkah manual',
  'Exclusive Gateway': 'Keputusan',
  'Parallel Gateway': 'Cabang bersamaan',
  'Inclusive Gateway': 'Cabang inklusif',
  'Sub Process': 'Subproses',
  'Call Activity': 'Panggil proses',
  'Process': 'Proses',
  'Pool': 'Kolam',
}));

const STARTING = [
  [/^(.*) started$/, '$1 dimulai'],
  [/^(.*) finished$/, '$1 selesai'],
  [/^(.*) canceled$/, '$1 dibatalkan'],
  [/^Set animation speed = (.*)$/, 'Kecepatan: $1'],
  [/^Focus process instance (.*)$/, 'Lihat jalannya berkas $1'],
];

function inIndonesian(words) {
  const plain = words.trim();
  if (WORDS.has(plain)) return words.replace(plain, WORDS.get(plain));
  for (const [pattern, indonesian] of STARTING) {
    const found = plain.match(pattern);
    if (found) return indonesian.replace('$1', WORDS.get(found[1]) ?? found[1]);
  }
  return words;
}

/** Translates what stands in the element and what comes into it. */
function translate(root) {
  const attributes = (element) => {
    for (const name of ['title', 'aria-label']) {
      const old = element.getAttribute(name);
      const words = old && inIndonesian(old);
      if (words !== old) element.setAttribute(name, words);
    }
  };
  const words = (node) => {
    const said = inIndonesian(node.data);
    if (said !== node.data) node.data = said;
  };
  const all = (node) => {
    if (node.nodeType === Node.TEXT_NODE) words(node);
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches('.djs-container > svg, .layer-root')) return;
    attributes(node);
    for (const child of node.childNodes) all(child);
  };
  all(root);
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes') attributes(target);
      else for (const node of addedNodes) all(node);
    }
  }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ['title', 'aria-label'] });
}

export async function simulate(xml) {
  const { dialog, body } = openDialog(text('Uji coba alur', 'Try out the flow'), 'modeler-dialog-wide');
  const note = document.createElement('p');
  note.textContent = text('Tekan tombol ▷ pada unsur Mulai. Pada keputusan, tekan tombolnya untuk memilih jalan keluar. Tidak ada yang disimpan.',
    'Press ▷ at the start. At a decision, press its button to choose the way out. Nothing is kept.');
  const container = document.createElement('div');
  container.className = 'modeler-dialog-canvas';
  body.append(note, container);
  const viewer = new NavigatedViewer({ container, additionalModules: [TokenSimulationModule] });
  dialog.addEventListener('close', () => viewer.destroy());
  if (!isEnglish()) translate(container);
  await viewer.importXML(xml);
  fit(viewer.get('canvas'), { top: 70, right: 30, bottom: 70, left: 90 });
  viewer.get('toggleMode').toggleMode(true);
}
