// Subscriptions of a session over one websocket. After a lost connection, or a token that ran out, each goes on behind the
// last cursor that it received, so that no event is missed and none comes twice.
import { createClient } from 'graphql-ws';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/** A function that subscribes a sink ({next, error, complete}) to {query, variables}, and returns one that unsubscribes. */
export function liveOf(session) {
  const socket = createClient({
    url: session.url.replace('http', 'ws'),
    connectionParams: () => session.authorization(),
    // Its own retries would send the first cursor again.
    retryAttempts: 0,
  });
  return (operation, sink) => follow(session, socket, operation, sink);
}

function follow(session, socket, { query, variables }, sink) {
  let stop = () => {};
  let isOver = false;
  let wait = FIRST_WAIT_MS;
  const next = (result) => {
    wait = FIRST_WAIT_MS;
    const after = Object.values(result.data ?? {})[0]?.cursor;
    if (after) variables = { ...variables, after };
    sink.next(result);
  };
  const begin = () => {
    stop = socket.subscribe({ query, variables }, { next, error: failed, complete: () => isOver || sink.complete() });
  };
  const again = () => session.token().then(() => isOver || begin(), failed);
  const failed = (fault) => {
    if (isOver) return;
    if (isFinal(session, fault)) {
      sink.error(fault);
      return;
    }
    setTimeout(() => isOver || again(), wait * (0.8 + 0.4 * Math.random()));
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  };
  again();
  return () => {
    isOver = true;
    stop();
  };
}

// Errors of the operation come as an array, those of the connection do not.
function isFinal(session, fault) {
  try {
    if (session.heed(fault)) return false;
  } catch {
    return true;
  }
  return Array.isArray(fault) && !fault.some(({ extensions }) => extensions?.code === 'UNAVAILABLE');
}
