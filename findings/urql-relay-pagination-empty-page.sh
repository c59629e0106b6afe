#!/usr/bin/env bash
# @urql/exchange-graphcache 9.0.2: relayPagination never gets past a page without edges that says that there are more.
#
# Relay's cursor connections specification lets a page have no edges and hasNextPage true, as happens where a server leaves
# out what the viewer may not see. Seen: such a page is skipped with its endCursor, so that the client asks for the same page for
# ever; relayStylePagination of @apollo/client 4.3.8 goes on from the new cursor and has all.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --silent --no-audit --no-fund graphql@16.15.0 @urql/core@6.0.3 @urql/exchange-graphcache@9.0.2 wonka@6.3.6 @apollo/client@4.3.8 rxjs@7.8.2 react@19.3.1 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.mjs" <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, InMemoryCache, gql as apolloGql } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { Client, gql as urqlGql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { of } from 'rxjs';
import { fromPromise, mergeMap, pipe } from 'wonka';

const PAGES = {
  null: { ids: ['a', 'b'], end: 'place 1', hasNextPage: true },
  'place 1': { ids: [], end: 'place 2', hasNextPage: true },
  'place 2': { ids: ['c', 'd'], end: 'place 3', hasNextPage: false },
};
const QUERY = `
  query Items($after: String) {
    items(first: 2, after: $after) {
      edges { cursor node { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const pageAfter = (after) => {
  const { ids, end, hasNextPage } = PAGES[after ?? null];
  const edges = ids.map((id) => ({ __typename: 'ItemEdge', cursor: id, node: { __typename: 'Item', id } }));
  const pageInfo = { __typename: 'PageInfo', hasNextPage, endCursor: end };
  return { __typename: 'Query', items: { __typename: 'ItemConnection', edges, pageInfo } };
};

const byUrql = async () => {
  const asked = [];
  const server = () => (operations) =>
    pipe(operations, mergeMap((operation) => fromPromise(Promise.resolve().then(() => {
      asked.push(operation.variables.after ?? null);
      return { operation, data: pageAfter(operation.variables.after), stale: false, hasNext: false };
    }))));
  const cache = cacheExchange({ resolvers: { Query: { items: relayPagination() } } });
  const client = new Client({ url: 'http://localhost/', exchanges: [cache, server] });
  let items = (await client.query(urqlGql(QUERY), { after: null }).toPromise()).data.items;
  for (let turn = 0; turn < 5 && items.pageInfo.hasNextPage; turn += 1) {
    items = (await client.query(urqlGql(QUERY), { after: items.pageInfo.endCursor }).toPromise()).data.items;
  }
  return { ids: items.edges.map((edge) => edge.node.id), places: [...new Set(asked)] };
};

const byApollo = async () => {
  const asked = [];
  const link = new ApolloLink(({ variables }) => {
    asked.push(variables.after ?? null);
    return of({ data: pageAfter(variables.after) });
  });
  const cache = new InMemoryCache({ typePolicies: { Query: { fields: { items: relayStylePagination() } } } });
  const query = new ApolloClient({ link, cache }).watchQuery({ query: apolloGql(QUERY) });
  const subscription = query.subscribe(() => {});
  const current = async () => {
    while (!query.getCurrentResult().data?.items) await new Promise((resolve) => { setTimeout(resolve, 10); });
    return query.getCurrentResult().data.items;
  };
  for (let turn = 0; turn < 5 && (await current()).pageInfo.hasNextPage; turn += 1) {
    await query.fetchMore({ variables: { after: (await current()).pageInfo.endCursor } });
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  const items = await current();
  subscription.unsubscribe();
  return { ids: items.edges.map((edge) => edge.node.id), places: [...new Set(asked)] };
};

const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
const seen = { urql: await byUrql(), apollo: await byApollo() };
console.log(`@urql/exchange-graphcache ${versionOf('@urql/exchange-graphcache')}: ${JSON.stringify(seen.urql)}`);
console.log(`@apollo/client ${versionOf('@apollo/client')}: ${JSON.stringify(seen.apollo)}`);
const expected = {
  urql: { ids: ['a', 'b'], places: [null, 'place 1'] },
  apollo: { ids: ['a', 'b', 'c', 'd'], places: [null, 'place 1', 'place 2'] },
};
const isAsFound = JSON.stringify(seen) === JSON.stringify(expected);
console.log(isAsFound ? 'as found: urql never asks for what follows the empty page' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JAVASCRIPT
node "$folder/seen.mjs" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
