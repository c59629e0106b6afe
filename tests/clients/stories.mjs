// What the clients of the field do on one address, against the schema of the tests. Prints a JSON line for each story:
// {name, passed, detail}
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import assert from 'node:assert/strict';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { onPush, pipe, toPromise } from 'wonka';
import WebSocket from 'ws';

const url = process.argv[2];
const socketUrl = url.replace(/^http/, 'ws');
const HELLO = 'query Hello($name: String!) { hello(name: $name) }';
const BUMP = 'mutation { bump }';
const COUNTDOWN = 'subscription { countdown(start: 3) }';
const numbers = [3, 2, 1];
const variables = { name: 'Bob' };

async function story(name, tell) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('nothing in 20 s')), 20_000).unref());
  try {
    await Promise.race([tell(), late]);
    console.log(JSON.stringify({ name, passed: true, detail: '' }));
  } catch (error) {
    console.log(JSON.stringify({ name, passed: false, detail: String(error?.stack ?? error) }));
  }
}

async function all(iterable) {
  const found = [];
  for await (const { data, errors } of iterable) {
    assert.equal(errors, undefined);
    found.push(data.countdown);
  }
  return found;
}

async function first(iterable) {
  for await (const result of iterable) return result;
  return undefined;
}

for (const [name, client] of [
  ['graphql-ws', createWs({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { a: 1 } })],
  ['graphql-sse', createSse({ url, fetchFn: fetch, retryAttempts: 0 })],
]) {
  await story(`${name}: a query`, async () => {
    assert.deepEqual((await first(client.iterate({ query: HELLO, variables }))).data, { hello: 'Hello, Bob' });
  });
  await story(`${name}: a mutation`, async () => {
    assert.equal(typeof (await first(client.iterate({ query: BUMP }))).data.bump, 'number');
  });
  await story(`${name}: a subscription to its end`, async () => {
    assert.deepEqual(await all(client.iterate({ query: COUNTDOWN })), numbers);
  });
  await client.dispose();
}

await story('graphql-ws: a broken operation leaves its socket and the others alone', async () => {
  let opened = 0;
  const on = { opened: () => (opened += 1) };
  const client = createWs({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, on });
  const running = client.iterate({ query: 'subscription { ticks }' })[Symbol.asyncIterator]();
  const waiting = running.next();
  for (const [query, code] of [['{', 'GRAPHQL_PARSE_FAILED'], ['{ nope }', 'GRAPHQL_VALIDATION_FAILED']]) {
    const errors = await first(client.iterate({ query })).then(() => null, (error) => error);
    assert.deepEqual(errors.map((error) => error.extensions.code), [code]);
  }
  assert.deepEqual((await first(client.iterate({ query: HELLO, variables }))).data, { hello: 'Hello, Bob' });
  assert.equal(opened, 1);
  await running.return();
  await waiting;
  await client.dispose();
});

const socket = createWs({ url: socketUrl, webSocketImpl: WebSocket });
const overSocket = subscriptionExchange({
  forwardSubscription: (request) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }) }),
});
const urql = (options) => new Client({ url, fetch, preferGetMethod: false, ...options });
const urqls = {
  'urql over fetch': urql({ exchanges: [fetchExchange], fetchSubscriptions: true }),
  'urql over a socket': urql({ exchanges: [overSocket, fetchExchange] }),
};
for (const [name, client] of Object.entries(urqls)) {
  await story(`${name}: a query`, async () => {
    const { data, error } = await client.query(HELLO, variables).toPromise();
    assert.equal(error, undefined);
    assert.deepEqual(data, { hello: 'Hello, Bob' });
  });
  await story(`${name}: a mutation`, async () => {
    assert.equal(typeof (await client.mutation(BUMP, {}).toPromise()).data.bump, 'number');
  });
  await story(`${name}: a subscription to its end`, async () => {
    const seen = [];
    // The last result comes once more at the end, and then has no next.
    const keep = ({ data, error, hasNext }) => (hasNext || error) && seen.push(error ?? data.countdown);
    await pipe(client.subscription(COUNTDOWN, {}), onPush(keep), toPromise);
    assert.deepEqual(seen, numbers);
  });
}

const apollos = {
  'Apollo over HTTP': new HttpLink({ uri: url, fetch }),
  'Apollo over a socket': new GraphQLWsLink(createWs({ url: socketUrl, webSocketImpl: WebSocket })),
};
for (const [name, link] of Object.entries(apollos)) {
  const client = new ApolloClient({ link: ApolloLink.from([link]), cache: new InMemoryCache() });
  await story(`${name}: a query`, async () => {
    assert.deepEqual((await client.query({ query: gql(HELLO), variables })).data, { hello: 'Hello, Bob' });
  });
  await story(`${name}: a mutation`, async () => {
    assert.equal(typeof (await client.mutate({ mutation: gql(BUMP) })).data.bump, 'number');
  });
  await story(`${name}: a subscription to its end`, async () => {
    const seen = [];
    await new Promise((resolve, reject) => {
      client.subscribe({ query: gql(COUNTDOWN) }).subscribe({
        next: ({ data, error }) => (error ? reject(error) : seen.push(data.countdown)),
        error: reject,
        complete: resolve,
      });
    });
    assert.deepEqual(seen, numbers);
  });
  await story(`${name}: an error and its code`, async () => {
    const error = await client.query({ query: gql('{ refuses }') }).then(() => null, (thrown) => thrown);
    assert.equal(error.errors[0].extensions.code, 'UNAUTHENTICATED');
  });
}
process.exit(0);
