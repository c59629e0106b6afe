#!/usr/bin/env bash
# graphql-sse 2.6.1: an event that the client does not know ends the subscription with an error.
#
# Server-sent events have names so that listeners take those that they know; EventSource drops the others. Seen: "event:
# ping" before the first result is 'Invalid stream event "ping"', and no result is read; a comment (": ping") in its
# place is ignored. So a server's heartbeat must be a comment.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund graphql@16.15.0 graphql-sse@2.6.1 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createClient } from 'graphql-sse';

const RESULT = 'event: next\ndata: {"data":{"number":1}}\n\nevent: complete\ndata: \n\n';

async function read(heartbeat) {
  const http = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(heartbeat + RESULT);
  });
  await new Promise((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  const client = createClient({ url: `http://127.0.0.1:${http.address().port}/`, retryAttempts: 0 });
  const numbers = [];
  const end = await new Promise((resolve) => {
    const next = ({ data }) => numbers.push(data.number);
    client.subscribe({ query: 'subscription { number }' }, { next, error: ({ message }) => resolve(message), complete: () => resolve('complete') });
  });
  http.close();
  return [...numbers, end];
}

const version = JSON.parse(readFileSync(new URL('node_modules/graphql-sse/package.json', import.meta.url), 'utf8')).version;
const seen = { none: await read(''), comment: await read(': ping\n\n'), event: await read('event: ping\ndata: \n\n') };
console.log(`graphql-sse ${version}`);
for (const [heartbeat, found] of Object.entries(seen)) console.log(`heartbeat ${heartbeat}: ${found.join(', ')}`);
const expected = { none: [1, 'complete'], comment: [1, 'complete'], event: ['Invalid stream event "ping"'] };
const isAsFound = JSON.stringify(seen) === JSON.stringify(expected);
console.log(isAsFound ? 'as found: the unknown event is an error' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JAVASCRIPT
node "$folder/seen.mjs" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
