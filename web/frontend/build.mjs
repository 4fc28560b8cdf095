/** Bundles src/ into ../static/built/: see README.md, "What the build leaves". */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as esbuild from 'esbuild';
import * as sass from 'sass';

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, 'node_modules');
const OUT = resolve(HERE, '../static/built');

/** Bootstrap is written in Sass. Its own deprecation warnings are not ours to fix. */
const scss = {
  name: 'scss',
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => ({
      contents: sass.compile(path, {
        loadPaths: [MODULES],
        quietDeps: true,
        silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'],
      }).css,
      loader: 'css',
    }));
  },
};

/** Editors for FEEL and JSON (150 kB) that the Camunda 7 panel never opens. */
const withoutEditors = {
  name: 'without-editors',
  setup(build) {
    const filter = /^(@codemirror\/.*|@bpmn-io\/(feel|feelers)-editor)$/;
    build.onResolve({ filter }, () => ({ path: join(HERE, 'src/modeler/no-editors.js') }));
  },
};

const ENTRIES = ['app.css', 'app.js', 'viewer.css', 'viewer.js', 'modeler.css', 'modeler.js', 'modeler-more.js', 'pdf.js', 'pdf-worker.js'];

async function bundle() {
  const { metafile } = await esbuild.build({
    absWorkingDir: HERE,
    entryPoints: ENTRIES.map((name) => `src/${name}`),
    outdir: OUT,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    // Chrome 109 is the last one for Windows 7, which offices still have.
    target: ['chrome109', 'firefox115', 'safari15.4'],
    loader: { '.svg': 'text', '.woff2': 'file' },
    plugins: [scss, withoutEditors],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/**
 * What pdf.js loads only where a PDF asks for it: the fonts that every reader of PDF brings along, and JPEG 2000 without
 * WebAssembly. They keep their names, in a folder that is named after the version; its name is returned.
 */
async function pdfParts() {
  const from = join(MODULES, 'pdfjs-dist');
  const { version } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  const folder = `pdfjs-${version}`;
  await cp(join(from, 'standard_fonts'), join(OUT, folder), { recursive: true });
  for (const name of ['openjpeg_nowasm_fallback.js', 'LICENSE_OPENJPEG', 'LICENSE_PDFJS_OPENJPEG']) {
    await cp(join(from, 'wasm', name), join(OUT, folder, name));
  }
  return folder;
}

/** Writes text under a name with a hash of its content, returns that name. */
async function writeHashed(name, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  await writeFile(join(OUT, hashed), text);
  return hashed;
}

/** One <symbol> for each line of src/icons.txt, and our mark. */
async function sprite() {
  const names = (await readFile(join(HERE, 'src/icons.txt'), 'utf8')).split(/\s+/).filter(Boolean);
  const files = names.map((name) => [name, join(MODULES, 'bootstrap-icons/icons', `${name}.svg`)]);
  files.push(['mark', join(HERE, 'src/mark.svg')]);
  const symbols = await Promise.all(
    files.map(async ([name, file]) => {
      const svg = await readFile(file, 'utf8');
      const [, viewBox] = svg.match(/viewBox="([^"]+)"/);
      const content = svg.replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, '').replace(/\s*\n\s*/g, '');
      return `<symbol id="${name}" viewBox="${viewBox}">${content}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('\n')}</svg>\n`;
}

/** The licence text of every package that a bundle took something from. */
async function notices(metafile) {
  const packages = new Set(['bootstrap', 'bootstrap-icons']); // both reach us through Sass and the sprite
  for (const input of Object.keys(metafile.inputs)) {
    const found = input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/);
    if (found) packages.add(found[1]);
  }
  const parts = await Promise.all(
    [...packages].sort().map(async (name) => {
      const folder = join(MODULES, name);
      const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const texts = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
      const bodies = await Promise.all(texts.map((file) => readFile(join(folder, file), 'utf8')));
      return [`${name} ${version} (${license})`, ...bodies.map((body) => body.trim())].join('\n\n');
    }),
  );
  return `Parts of these packages are in the files of this folder.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });

const metafile = await bundle();
const manifest = {};
for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (entryPoint) manifest[basename(entryPoint)] = basename(file);
}
manifest['pdf-parts'] = await pdfParts();
manifest['icons.svg'] = await writeHashed('icons.svg', await sprite());
manifest['mark.svg'] = await writeHashed('mark.svg', await readFile(join(HERE, 'src/mark.svg'), 'utf8'));

await writeFile(join(OUT, 'NOTICES.txt'), await notices(metafile));
await writeFile(join(OUT, 'manifest.json'), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 2)}\n`);
