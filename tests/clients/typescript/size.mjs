// Prints the bytes of the bundled, minified and compressed core.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

const tools = readFileSync(new URL('tools.txt', import.meta.url), 'utf8');
const { build } = createRequire(`${tools}/`)('esbuild');
const options = { bundle: true, minify: true, format: 'esm', target: 'es2022', write: false };
const { outputFiles } = await build({ ...options, stdin: { contents: "export * from 'rookery-client'", resolveDir: '.' } });
console.log(gzipSync(outputFiles[0].contents, { level: 9 }).length);
