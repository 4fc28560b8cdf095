/** A dialog over the page, with a title and a button that closes it. */
import { text } from '../text.js';
import { button } from './notices.js';

/** @returns {{dialog: HTMLDialogElement, body: HTMLElement}} shown already; it is gone from the page once closed */
export function openDialog(title, look = '') {
  const dialog = document.createElement('dialog');
  dialog.className = `modeler-dialog ${look}`;
  const head = document.createElement('div');
  head.className = 'modeler-dialog-head';
  const heading = document.createElement('h2');
  heading.textContent = title;
  heading.id = 'judul-dialog';
  dialog.setAttribute('aria-labelledby', heading.id);
  const body = document.createElement('div');
  body.className = 'modeler-dialog-body';
  head.append(heading, button(text('Tutup', 'Close'), () => dialog.close()));
  dialog.append(head, body);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, body };
}
