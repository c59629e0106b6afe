// @stream and @defer as Apollo's handler of 2022 and urql read them, against the schema of the tests. Prints a JSON line
// for each story: {name, passed, detail}
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { Client, fetchExchange } from '@urql/core';
import assert from 'node:assert/strict';
import { pipe, subscribe } from 'wonka';

const url = process.argv[2];
const STREAMED = '{ items(first: 4) @stream(initialCount: 1) { number } }';
const TWICE = `{ items(first: 2) { number author { items(first: 3) @stream(initialCount: 1) { number } } } }`;
const DEFERRED = '{ items(first: 1) { number ... @defer { author { items(first: 2) { number } } } } }';
const numbers = (count) => Array.from({ length: count }, (_, number) => number);
const read = (items) => items.map((item) => item.number);

async function story(name, tell) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('nothing in 20 s')), 20_000).unref());
  try {
    await Promise.race([tell(), late]);
    console.log(JSON.stringify({ name, passed: true, detail: '' }));
  } catch (error) {
    console.log(JSON.stringify({ name, passed: false, detail: String(error?.stack ?? error) }));
  }
}

const clients = {
  Apollo: (query) => {
    const cache = new InMemoryCache();
    const incrementalHandler = new Defer20220824Handler();
    const client = new ApolloClient({ link: new HttpLink({ uri: url, fetch }), cache, incrementalHandler });
    return client.query({ query: gql(query) }).then(({ data }) => data);
  },
  urql: (query) => {
    const client = new Client({ url, fetch, preferGetMethod: false, exchanges: [fetchExchange] });
    return new Promise((resolve, reject) => {
      pipe(client.query(query, {}), subscribe(({ data, error, hasNext }) => {
        if (error) reject(error);
        else if (!hasNext) resolve(data);
      }));
    });
  },
};
for (const [name, ask] of Object.entries(clients)) {
  await story(`${name}: a streamed list`, async () => {
    assert.deepEqual(read((await ask(STREAMED)).items), numbers(4));
  });
  await story(`${name}: two streamed lists`, async () => {
    const { items } = await ask(TWICE);
    assert.deepEqual(items.map((item) => read(item.author.items)), [numbers(3), numbers(3)]);
  });
  await story(`${name}: a deferred fragment`, async () => {
    assert.deepEqual(read((await ask(DEFERRED)).items[0].author.items), numbers(2));
  });
}
process.exit(0);
