/** The half of pdf.js that reads PDFs, away from the page. */
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
