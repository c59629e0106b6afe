#!/usr/bin/env bash
# graphql-sse 2.6.1: a refusal is asked for again, five times, whatever its status.
#
# Documented: "How many times should the client try to reconnect before it errors out?", 5. Seen: a subscription that is
# answered 401 or 429 counts as one that lost its connection: it is sent six times, as one answered 503 is. Retry-After
# changes nothing: with an hour in it, and a retry function that does not wait by itself, the six requests follow each
# other at once.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund graphql@16.15.0 graphql-sse@2.6.1 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createClient } from 'graphql-sse';

async function asked(status) {
  let requests = 0;
  const http = createServer((request, response) => {
    request.resume();
    requests += 1;
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '3600' }).end('{"errors":[{"message":"No"}]}');
  });
  await new Promise((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  const client = createClient({ url: `http://127.0.0.1:${http.address().port}/`, retry: async () => {} });
  const end = await new Promise((resolve) => {
    const error = ({ response }) => resolve(`error of ${response?.status}`);
    client.subscribe({ query: 'subscription { number }' }, { next: () => {}, error, complete: () => resolve('complete') });
  });
  http.closeAllConnections();
  http.close();
  return [requests, end];
}

const version = JSON.parse(readFileSync(new URL('node_modules/graphql-sse/package.json', import.meta.url), 'utf8')).version;
console.log(`graphql-sse ${version}`);
const seen = {};
for (const status of [401, 429, 503]) {
  seen[status] = await asked(status);
  console.log(`${status}: ${seen[status][0]} requests, then ${seen[status][1]}`);
}
const expected = { 401: [6, 'error of 401'], 429: [6, 'error of 429'], 503: [6, 'error of 503'] };
const isAsFound = JSON.stringify(seen) === JSON.stringify(expected);
console.log(isAsFound ? 'as found: a refusal is repeated like an outage' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JAVASCRIPT
node "$folder/seen.mjs" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
