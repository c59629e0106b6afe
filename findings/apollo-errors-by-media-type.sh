#!/usr/bin/env bash
# @apollo/client 4.3.8: the errors of a response with a status of its own are read in one media type, and lost in the
# other.
#
# Seen: the same body of a 401, errors with a code, is CombinedGraphQLErrors with the code as application/graphql-
# response+json, and a ServerError, whose body is text, as application/json, the type that most servers answer with;
# with status 200 both are CombinedGraphQLErrors.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund graphql@16.15.0 @apollo/client@4.3.8 rxjs@7.8.2 react@19.3.1 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError, gql } from '@apollo/client';

const BODY = JSON.stringify({ errors: [{ message: 'Who?', extensions: { code: 'UNAUTHENTICATED' } }] });
const TYPES = ['application/graphql-response+json', 'application/json'];

async function shown(status, type) {
  const fetch = async () => new Response(BODY, { status, headers: { 'content-type': type } });
  const client = new ApolloClient({ link: new HttpLink({ uri: 'http://localhost/', fetch }), cache: new InMemoryCache() });
  const error = await client.query({ query: gql('{ number }') }).then(() => null, (thrown) => thrown);
  if (CombinedGraphQLErrors.is(error)) return `errors ${error.errors.map((one) => one.extensions.code)}`;
  return ServerError.is(error) ? `ServerError ${error.statusCode}` : `${error}`;
}

const version = JSON.parse(readFileSync(new URL('node_modules/@apollo/client/package.json', import.meta.url), 'utf8')).version;
console.log(`@apollo/client ${version}`);
const seen = [];
for (const status of [200, 401]) {
  for (const type of TYPES) {
    seen.push(await shown(status, type));
    console.log(`${status} ${type}: ${seen.at(-1)}`);
  }
}
const errors = 'errors UNAUTHENTICATED';
const isAsFound = JSON.stringify(seen) === JSON.stringify([errors, errors, errors, 'ServerError 401']);
console.log(isAsFound ? 'as found: the code is lost as application/json' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JAVASCRIPT
node "$folder/seen.mjs" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
