// Clients that lose their connection and go on from the last cursor, against the address and token given.
// Prints a JSON line for each: {name, passed, detail}
import assert from 'node:assert/strict';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const EVENTS = `subscription Events($after: String) { homeTimelineEvents(after: $after) { __typename
  ... on StreamEvent { cursor } ... on TimelineItemAdded { edge { node { ... on Tweet { text } } } } } }`;
const HEAD = '{ homeTimeline(first: 1) { headCursor } }';
const POST = 'mutation Post($text: String!) { postTweet(input: {text: $text}) { tweet { id } userErrors { message } } }';

async function story(name, tell) {
  try {
    await tell();
    console.log(JSON.stringify({ name, passed: true, detail: '' }));
  } catch (error) {
    console.log(JSON.stringify({ name, passed: false, detail: String(error?.stack ?? error) }));
  }
}

async function ask(query, variables) {
  const headers = { 'content-type': 'application/json', authorization };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined);
  return data;
}

const post = async (text) => assert.deepEqual((await ask(POST, { text })).postTweet.userErrors, []);

// The next `count` events after a cursor, read on a connection of their own that is then lost.
async function read(open, after, count) {
  const { client, cut } = open();
  const seen = [];
  for await (const { data, errors } of client.iterate({ query: EVENTS, variables: { after } })) {
    assert.equal(errors, undefined);
    seen.push(data.homeTimelineEvents);
    if (seen.length === count) break;
  }
  cut();
  return seen;
}

const transports = {
  'graphql-ws': () => {
    const client = createWs({
      url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization },
    });
    return { client, cut: () => client.terminate() };
  },
  'graphql-sse': () => {
    const client = createSse({ url, headers: { authorization }, retryAttempts: 0 });
    return { client, cut: () => client.dispose() };
  },
};

for (const [name, open] of Object.entries(transports)) {
  await story(`${name}: nothing missed and nothing twice over three lost connections`, async () => {
    let { homeTimeline: { headCursor: cursor } } = await ask(HEAD);
    const texts = [];
    for (const round of [1, 2, 3]) {
      for (const number of [1, 2]) await post(`${name} ${round}.${number}`);
      for (const event of await read(open, cursor, 2)) {
        assert.equal(event.__typename, 'TimelineItemAdded');
        texts.push(event.edge.node.text);
        cursor = event.cursor;
      }
    }
    assert.deepEqual(texts, [1, 2, 3].flatMap((round) => [1, 2].map((number) => `${name} ${round}.${number}`)));
  });
}
