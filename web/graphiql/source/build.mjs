// Bundles entry.jsx and the three Monaco workers, compresses them and lists their checksums and licences, one folder up.
//   npm ci && npm run build        in a copy of this folder outside the repository; OUT=... says where to write
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const out = process.env.OUT ?? '..';
const dompurify = {
  name: 'dompurify',
  setup: ({ onResolve }) => onResolve({ filter: /\/dompurify\.js$/ }, () => ({ path: resolve('dompurify.js') })),
};
const common = {
  bundle: true,
  minify: true,
  format: 'iife',
  outdir: 'bundle',
  write: false,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  assetNames: '[name]',
  loader: { '.ttf': 'file', '.woff2': 'file', '.graphql': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [dompurify],
};
const bundles = [
  await build({ ...common, entryPoints: { graphiql: 'entry.jsx' }, jsx: 'automatic' }),
  await build({
    ...common,
    entryPoints: {
      'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
      'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
      'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    },
  }),
];

await mkdir(out, { recursive: true });
const sums = [];
for (const { path, contents } of bundles.flatMap((bundle) => bundle.outputFiles)) {
  const name = `${basename(path)}.gz`;
  const packed = gzipSync(contents, { level: 9 });
  await writeFile(join(out, name), packed);
  sums.push(`${createHash('sha256').update(packed).digest('hex')}  ${name}\n`);
}
await writeFile(join(out, 'checksums.txt'), sums.sort().join(''));
await writeFile(join(out, 'LICENSES.md'), await licences());

async function licences() {
  const files = bundles.flatMap((bundle) => Object.keys(bundle.metafile.inputs));
  const folders = new Set(files.map((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
  const packages = await Promise.all([...folders].sort().map(licence));
  const texts = new Map();
  for (const { label, text } of packages) texts.set(text, [...(texts.get(text) ?? []), label]);
  return [
    '# Licences of what the GraphiQL bundle contains\n\nWritten by `source/build.mjs` from the packages bundled.\n',
    'Beside them: the fonts Codicons (CC-BY-4.0, in monaco-editor), Roboto (Apache-2.0) and Fira Code (OFL-1.1, both in',
    'graphiql), and marked (MIT, in monaco-editor).\n',
    '| package | licence |\n| --- | --- |',
    ...packages.map(({ label, license }) => `| ${label} | ${license} |`),
    ...[...texts].map(([text, labels]) => `\n## ${labels.join(', ')}\n\n${text}`),
    '',
  ].join('\n');
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8') : `The package has no licence file; it declares ${license}.`;
  const quoted = text.replaceAll('\r', '').trim().split('\n').map((line) => `    ${line}`.trimEnd());
  return { label: `${name} ${version}`, license, text: quoted.join('\n') };
}
