// A Relay environment for Rookery: HTTP for queries and mutations, one websocket for subscriptions; the session renews its token.
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';
import { liveOf } from '../live.js';

export function makeEnvironment(session) {
  const subscribe = liveOf(session);
  const ask = async ({ text }, variables) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query: text, variables });
    return (await session.fetch(session.url, { method: 'POST', headers, body })).json();
  };
  const follow = ({ text }, variables) => Observable.create((sink) => subscribe({ query: text, variables }, sink));
  return new Environment({ network: Network.create(ask, follow), store: new Store(new RecordSource()) });
}
