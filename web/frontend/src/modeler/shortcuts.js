/** The keys of the modeler, in a dialog. */
import { text } from '../text.js';
import { openDialog } from './dialog.js';

const KEYS = [
  ['Ctrl + S', text('Simpan sekarang', 'Save now')],
  ['Ctrl + Z', text('Urungkan', 'Undo')],
  ['Ctrl + Y', text('Ulangi', 'Redo')],
  ['Ctrl + F', text('Cari unsur', 'Search')],
  ['Ctrl + C', text('Salin yang terpilih', 'Copy what is selected')],
  ['Ctrl + V', text('Tempel', 'Paste')],
  ['Ctrl + A', text('Pilih semua', 'Select all')],
  ['Delete', text('Hapus yang terpilih', 'Remove what is selected')],
  ['E', text('Ubah nama unsur yang terpilih', 'Edit the name of what is selected')],
  ['R', text('Ubah jenis unsur yang terpilih', 'Change the kind of what is selected')],
  ['C', text('Hubungkan dua unsur', 'Connect two elements')],
  ['L', text('Pilih beberapa unsur dengan bingkai', 'Select several with a frame')],
  ['H', text('Geser lembar', 'Move the sheet')],
  ['S', text('Tambah atau kurangi ruang', 'Add or remove space')],
  ['← ↑ → ↓', text('Geser unsur yang terpilih (dengan Shift lebih jauh)', 'Move what is selected (further with Shift)')],
  ['Ctrl + ← ↑ → ↓', text('Geser lembar', 'Move the sheet')],
  ['Ctrl + +', text('Perbesar', 'Zoom in')],
  ['Ctrl + −', text('Perkecil', 'Zoom out')],
  ['Ctrl + 0', text('Ukuran sebenarnya', 'Actual size')],
];

export function showShortcuts() {
  const { body } = openDialog(text('Pintasan papan ketik', 'Keyboard shortcuts'), 'modeler-dialog-small');
  const note = document.createElement('p');
  note.textContent = text('Berlaku setelah diagram diklik. Di komputer Apple: Cmd, bukan Ctrl.',
    'They work once the diagram was clicked. On an Apple computer: Cmd instead of Ctrl.');
  const list = document.createElement('dl');
  list.className = 'modeler-keys';
  for (const [key, words] of KEYS) {
    const row = document.createElement('div');
    const [term, meaning] = ['dt', 'dd'].map((tag) => document.createElement(tag));
    const printed = document.createElement('kbd');
    printed.textContent = key;
    term.append(printed);
    meaning.textContent = words;
    row.append(term, meaning);
    list.append(row);
  }
  body.append(note, list);
}
