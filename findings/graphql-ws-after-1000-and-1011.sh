#!/usr/bin/env bash
# graphql-ws 6.4.2: after close code 1000 a subscription begins again at once, however often, and after 1011 never.
#
# Documented: retryWait pauses before each new try. Seen: a server that closes each socket with 1000 after its
# acknowledgement gets more than a hundred connections in two seconds, without one call of retryWait; after 1012 each
# new one is preceded by a call; one that closes with 1011, the code of an unexpected failure, gets no second one, and
# the subscription ends.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund graphql@16.15.0 graphql-ws@6.4.2 ws@8.23.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createClient } from 'graphql-ws';
import WebSocket, { WebSocketServer } from 'ws';

const SECONDS = 2;

async function connections(code) {
  const http = createServer();
  let count = 0;
  let pauses = 0;
  const protocol = { server: http, handleProtocols: () => 'graphql-transport-ws' };
  new WebSocketServer(protocol).on('connection', (socket) => {
    count += 1;
    socket.on('message', (text) => {
      if (JSON.parse(text).type === 'connection_init') socket.send('{"type":"connection_ack"}');
      else socket.close(code);
    });
  });
  await new Promise((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  const retryWait = async () => { pauses += 1; };
  const url = `ws://127.0.0.1:${http.address().port}/`;
  const client = createClient({ url, webSocketImpl: WebSocket, retryWait });
  let end = 'goes on';
  const sink = { next: () => {}, error: ({ code: told }) => { end = `ends with ${told}`; }, complete: () => { end = 'is complete'; } };
  client.subscribe({ query: 'subscription { number }' }, sink);
  await new Promise((resolve) => { setTimeout(resolve, SECONDS * 1000); });
  http.close();
  return { count, pauses, end };
}

const version = JSON.parse(readFileSync(new URL('node_modules/graphql-ws/package.json', import.meta.url), 'utf8')).version;
const seen = { 1000: await connections(1000), 1011: await connections(1011), 1012: await connections(1012) };
console.log(`graphql-ws ${version}, connections in ${SECONDS} s`);
for (const [code, { count, pauses, end }] of Object.entries(seen)) {
  console.log(`${code}: ${count > 100 ? 'more than 100' : count} connections, ${pauses > 100 ? 'more than 100' : pauses} pauses, the subscription ${end}`);
}
const [normal, failure, restart] = Object.values(seen);
const isAsFound = normal.count > 100 && normal.pauses === 0 && normal.end === 'goes on'
  && failure.count === 1 && failure.end === 'ends with 1011' && restart.pauses >= restart.count - 1;
console.log(isAsFound ? 'as found: no pause after 1000, no second try after 1011' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JAVASCRIPT
node "$folder/seen.mjs" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
