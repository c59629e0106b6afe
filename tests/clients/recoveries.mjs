// What each client shows after a close code, a status, and data with errors, against servers of its own that do just that.
// Prints a JSON line for each: {name, passed, detail}, where detail says what was seen.
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { createServer } from 'node:http';
import relay from 'relay-runtime';
import { pipe, subscribe } from 'wonka';
import WebSocket, { WebSocketServer } from 'ws';

const CODES = [1000, 1006, 1011, 1012, 1013, 4400, 4401, 4403, 4408, 4409, 4429, 4500];
const STATUSES = { 401: 'UNAUTHENTICATED', 429: 'RATE_LIMITED', 503: 'UNAVAILABLE' };
const MEDIA = ['application/graphql-response+json', 'application/json'];
const QUERY = '{ number other }';
const EVENTS = 'subscription { number }';
const PATIENCE_MS = 3_000;

const tell = (name, detail) => console.log(JSON.stringify({ name, passed: true, detail }));

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${server.address().port}`;
}

// The first connection gets one event and is closed by the code, the second gets another and the end.
async function closing(code) {
  const http = createServer();
  let connections = 0;
  new WebSocketServer({ server: http, handleProtocols: () => 'graphql-transport-ws' }).on('connection', (socket) => {
    const number = (connections += 1);
    const send = (message) => socket.send(JSON.stringify(message));
    socket.on('message', (text) => {
      const { type, id } = JSON.parse(text);
      if (type === 'connection_init') send({ type: 'connection_ack' });
      if (type !== 'subscribe') return;
      send({ type: 'next', id, payload: { data: { number } } });
      if (number > 1) send({ type: 'complete', id });
      else if (code === 1006) socket.terminate();
      else socket.close(code, 'why');
    });
  });
  return { address: await listening(http), end: () => http.close() };
}

function socketClient(address) {
  let pauses = 0;
  const retryWait = async () => { pauses += 1; };
  const client = createWs({ url: `ws://${address}/`, webSocketImpl: WebSocket, retryWait });
  return { client, pauses: () => pauses };
}

const described = (error) => {
  if (CombinedGraphQLErrors.is(error)) return `errors ${error.errors.map((one) => one.extensions.code)}`;
  if (ServerError.is(error)) return `ServerError ${error.statusCode}`;
  if (error?.graphQLErrors?.length) return `errors ${error.graphQLErrors.map((one) => one.extensions.code)}`;
  if (error?.source?.errors) return `errors ${error.source.errors.map((one) => one.extensions.code)}`;
  if (error?.networkError) return `networkError ${described(error.networkError)}`;
  if (error?.code && error?.reason !== undefined) return `CloseEvent ${error.code}`;
  if (error?.response) return `error of ${error.response.status}`;
  if (Array.isArray(error)) return `errors ${error.map((one) => one.extensions.code)}`;
  return `${error?.constructor?.name}: ${error?.message}`;
};

// Calls begin with a sink and says what it got, in one line.
async function seen(begin) {
  const got = [];
  const end = await new Promise((resolve) => {
    const late = setTimeout(() => resolve('waits'), PATIENCE_MS);
    const done = (how) => { clearTimeout(late); resolve(how); };
    begin({
      next: ({ data, error, errors }) => {
        const fault = error ?? (errors?.length ? errors : null);
        if (data) got.push(data.number);
        if (fault) done(described(fault));
      },
      error: (error) => done(described(error)),
      complete: () => done('the end'),
    });
  });
  return [...got, end].join(', ');
}

const subscribed = {
  'graphql-ws': (client, sink) => client.subscribe({ query: EVENTS }, sink),
  Apollo: (client, sink) => {
    const apollo = new ApolloClient({ link: new GraphQLWsLink(client), cache: new InMemoryCache() });
    apollo.subscribe({ query: gql(EVENTS) }).subscribe(sink);
  },
  urql: (client, sink) => {
    const forwardSubscription = (request) => ({ subscribe: (to) => ({ unsubscribe: client.subscribe(request, to) }) });
    const urql = new Client({ url: 'http://localhost/', exchanges: [subscriptionExchange({ forwardSubscription })] });
    pipe(urql.subscription(EVENTS, {}), subscribe((result) => {
      if (result.hasNext || result.error) sink.next(result);
      else sink.complete();
    }));
  },
};
for (const code of CODES) {
  for (const [name, begin] of Object.entries(subscribed)) {
    const server = await closing(code);
    const { client, pauses } = socketClient(server.address);
    const what = await seen((sink) => begin(client, sink));
    const back = what.startsWith('1, 2') ? (pauses() ? 'back after a pause' : 'back at once') : what;
    tell(`close ${code}: ${name}`, back);
    await client.dispose();
    server.end();
  }
}

async function answering(status, type, body) {
  const http = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': type, 'retry-after': '1' }).end(JSON.stringify(body));
  });
  return { url: `http://${await listening(http)}/`, end: () => http.closeAllConnections() || http.close() };
}

const asked = {
  Apollo: (url, sink, document = gql(QUERY)) => {
    const apollo = new ApolloClient({ link: new HttpLink({ uri: url, fetch }), cache: new InMemoryCache() });
    apollo.query({ query: document }).then(({ data }) => { sink.next({ data }); sink.complete(); }, sink.error);
  },
  urql: (url, sink) => {
    const urql = new Client({ url, fetch, preferGetMethod: false, exchanges: [fetchExchange] });
    urql.query(QUERY, {}).toPromise().then((result) => { sink.next(result); sink.complete(); });
  },
};
// What relay-compiler would make of QUERY.
const selections = ['number', 'other'].map((name) => ({ args: null, kind: 'ScalarField', name, storageKey: null }));
const compiled = {
  fragment: { argumentDefinitions: [], kind: 'Fragment', name: 'Query', selections, type: 'Query' },
  kind: 'Request',
  operation: { argumentDefinitions: [], kind: 'Operation', name: 'Query', selections },
  params: { cacheID: 'query', id: null, metadata: {}, name: 'Query', operationKind: 'query', text: QUERY },
};
asked['Relay over fetch'] = (url, sink) => {
  const network = relay.Network.create(async ({ text }) => (
    await fetch(url, { method: 'POST', body: JSON.stringify({ query: text }) })).json());
  const environment = new relay.Environment({ network, store: new relay.Store(new relay.RecordSource()) });
  const next = (data) => sink.next({ data });
  relay.fetchQuery(environment, compiled, {}).subscribe({ next, error: sink.error, complete: sink.complete });
};
const streamed = {
  'graphql-sse': (url, sink) => {
    createSse({ url, fetchFn: fetch, retryAttempts: 2, retry: async () => {} }).subscribe({ query: EVENTS }, sink);
  },
  'Apollo, multipart': (url, sink) => {
    const apollo = new ApolloClient({ link: new HttpLink({ uri: url, fetch }), cache: new InMemoryCache() });
    apollo.subscribe({ query: gql(EVENTS) }).subscribe(sink);
  },
  'urql, events': (url, sink) => {
    const urql = new Client({ url, fetch, exchanges: [fetchExchange], fetchSubscriptions: true });
    pipe(urql.subscription(EVENTS, {}), subscribe((result) => {
      if (result.data || result.error) sink.next(result);
      else sink.complete();
    }));
  },
};
for (const [status, code] of Object.entries(STATUSES)) {
  for (const type of MEDIA) {
    const body = { errors: [{ message: 'No', extensions: { code } }] };
    for (const [name, begin] of Object.entries({ ...asked, ...streamed })) {
      const server = await answering(Number(status), type, body);
      tell(`${status} ${type}: ${name}`, await seen((sink) => begin(server.url, sink)));
      server.end();
    }
  }
}

const partial = { data: { number: 7, other: null }, errors: [{ message: 'No', path: ['other'], extensions: { code: 'NOT_FOUND' } }] };
for (const [name, begin] of Object.entries(asked)) {
  const server = await answering(200, MEDIA[0], partial);
  tell(`data with errors: ${name}`, await seen((sink) => begin(server.url, sink)));
  server.end();
}
process.exit(0);
