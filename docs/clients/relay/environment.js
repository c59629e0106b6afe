// A Relay environment for Rookery: HTTP for queries and mutations, one websocket for subscriptions.
import { createClient } from 'graphql-ws';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';

export function makeEnvironment(url, token) {
  const authorization = () => ({ authorization: `Bearer ${token()}` });
  const socket = createClient({ url: url.replace('http', 'ws'), connectionParams: authorization });
  const ask = async ({ text }, variables) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization() },
      body: JSON.stringify({ query: text, variables }),
    });
    return answer.json();
  };
  const follow = ({ text }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  return new Environment({ network: Network.create(ask, follow), store: new Store(new RecordSource()) });
}
