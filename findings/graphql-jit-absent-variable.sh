#!/usr/bin/env bash
# graphql-jit 0.8.9: an absent variable inside an input object overrides the default of its field with null.
#
# GraphQL specification, "Input Objects": an entry whose variable has no value is as if it were absent, so that the default
# of the field counts. Seen: graphql 16.15.0 gives the resolver 20, graphql-jit null. Both give 20 where the variable stands for an argument.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund graphql@16.15.0 graphql-jit@0.8.9 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { buildSchema, execute, parse } from 'graphql';
import { compileQuery } from 'graphql-jit';

const schema = buildSchema(`
  input Page { first: Int = 20 }
  type Query { byInput(page: Page): String, byArgument(first: Int = 20): String }
`);
const fields = schema.getQueryType().getFields();
fields.byInput.resolve = (_, { page }) => String(page.first);
fields.byArgument.resolve = (_, { first }) => String(first);
const document = parse('query ($first: Int) { byInput(page: { first: $first }) byArgument(first: $first) }');

const interpreted = await execute({ schema, document, variableValues: {} });
const compiled = await compileQuery(schema, document).query({}, {}, {});
const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
console.log(`graphql ${versionOf('graphql')}: ${JSON.stringify(interpreted.data)}`);
console.log(`graphql-jit ${versionOf('graphql-jit')}: ${JSON.stringify(compiled.data)}`);
const isAsFound = interpreted.data.byInput === '20' && compiled.data.byInput === 'null'
  && interpreted.data.byArgument === '20' && compiled.data.byArgument === '20';
console.log(isAsFound ? 'as found: the default of the input field is lost' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JAVASCRIPT
node "$folder/seen.mjs" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
