// One socket for all tabs of a browser. The tab that holds a Web Lock has it, and hands the others what they follow over
// a BroadcastChannel. A hidden tab lets go of everything as soon as another is in sight; once it is in sight itself, it
// goes on from its last cursors.
import { Cell } from '../store/cell.js';
import { newKey } from '../store/key.js';
import { Socket } from './socket.js';
import { Streams } from './streams.js';

// A tab that the system froze keeps its lock, and answers nobody.
const ANSWER_MS = 2_500;

export class SharedSocket {
  #id = newKey();
  #name;
  #channel;
  #follows = new Map();
  #count = 0;
  /** Ends the time in which this tab follows anything; null while it rests. */
  #activity = null;
  /** Ends its claim to the socket. */
  #claim = null;
  #claimed = null;
  #hub = null;
  #unwatch = () => {};
  /** Names the time in which one tab has had the socket. */
  #term = null;
  #closing = new AbortController();

  constructor(session) {
    this.session = session;
    /** As that of Socket; 'idle' while this tab rests. */
    this.status = new Cell('idle');
    // Tabs of another version may speak otherwise.
    this.#name = `rookery.socket ${import.meta.url} ${session.handle ?? ''}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#told(data);
    const { signal } = this.#closing;
    document.addEventListener('visibilitychange', () => this.#turned(), { signal });
    if (!document.hidden) this.#activate();
  }

  /** As `Socket.follow`. */
  follow(query, variables, onData, onFail = () => {}) {
    const follow = { id: (this.#count += 1), query, variables, onData, onFail, leave: null };
    this.#follows.set(follow.id, follow);
    this.#join(follow);
    return () => {
      this.#follows.delete(follow.id);
      follow.leave?.();
    };
  }

  close() {
    this.#rest();
    this.#closing.abort();
    this.#channel.close();
  }

  // ---------------------------------------------------------------- in sight or not

  #turned() {
    if (document.hidden) this.#tell('hidden');
    else if (!this.#activity) this.#activate();
  }

  #activate() {
    this.#activity = new AbortController();
    this.#tell('active');
    // Pages that came over plain HTTP from another machine have no locks: each such tab in sight has its own socket.
    if (!navigator.locks) {
      this.#lead();
      return;
    }
    this.#claimSocket();
    const { signal } = this.#activity;
    const known = () => {
      this.#tell('ask');
      return ended(signal);
    };
    navigator.locks.request(this.#lockOf(this.#id), { signal }, known).catch(ignoreAbort);
    this.#claimed = setTimeout(() => this.#term || this.#claimSocket({ steal: true }), ANSWER_MS);
  }

  #rest() {
    if (!this.#activity) return;
    clearTimeout(this.#claimed);
    for (const follow of this.#follows.values()) {
      follow.leave?.();
      follow.leave = null;
    }
    this.#yield();
    this.#claim?.abort();
    this.#activity.abort();
    this.#activity = null;
    this.#term = null;
    this.status.set('idle');
  }

  // ---------------------------------------------------------------- who has the socket

  async #claimSocket({ steal = false } = {}) {
    this.#claim?.abort();
    this.#claim = new AbortController();
    const { signal } = this.#claim;
    const lead = () => {
      this.#lead();
      return ended(signal);
    };
    await navigator.locks.request(this.#name, steal ? { steal } : { signal }, lead).catch(ignoreAbort);
    if (signal.aborted) return;
    // Another tab took it.
    this.#yield();
    this.#claimSocket();
  }

  #lead() {
    this.#term = newKey();
    this.#hub = new Hub(this.session, this.#lockOf, (kind, message) => this.#tell(kind, message));
    const { status } = this.#hub.socket;
    this.#unwatch = status.watch(() => {
      this.status.set(status.value);
      this.#tell('status', { status: status.value });
    });
    this.status.set(status.value);
    this.#tell('lead', { status: status.value });
    this.#joinAll();
  }

  #yield() {
    if (!this.#hub) return;
    this.#unwatch();
    this.#hub.close();
    this.#hub = null;
    for (const follow of this.#follows.values()) follow.leave = null;
  }

  #lockOf = (id) => `${this.#name} ${id}`;

  // ---------------------------------------------------------------- what is followed

  #joinAll() {
    for (const follow of this.#follows.values()) this.#join(follow);
  }

  #join(follow) {
    const { id, query } = follow;
    if (this.#hub) {
      follow.leave = this.#hub.streams.join(query, follow.variables(), follow.onData, (errors) => this.#failed(id, errors));
    } else if (this.#term) {
      this.#tell('follow', { id, query, variables: follow.variables() });
      follow.leave = () => this.#tell('leave', { id });
    }
  }

  #failed(id, errors) {
    const follow = this.#follows.get(id);
    this.#follows.delete(id);
    follow?.onFail(errors);
  }

  // ---------------------------------------------------------------- between tabs

  #tell(kind, message = {}) {
    if (!this.#closing.signal.aborted) this.#channel.postMessage({ kind, from: this.#id, term: this.#term, ...message });
  }

  #told(message) {
    const { kind, from, term } = message;
    if (kind === 'active' && document.hidden) this.#rest();
    else if (kind === 'hidden' && !document.hidden) this.#tell('active');
    else if (kind === 'ask' && this.#hub) this.#tell('lead', { status: this.status.value });
    else if (kind === 'lead' && this.#activity && navigator.locks && term !== this.#term) this.#adopt(message);
    else if (term && term === this.#term) this.#passedOn(message, from);
  }

  #adopt({ term, status }) {
    this.#yield();
    this.#term = term;
    this.status.set(status);
    this.#joinAll();
  }

  #passedOn({ kind, to, id, status, data, errors, ...asked }, from) {
    if (this.#hub) this.#hub.told({ kind, id, ...asked }, from);
    else if (kind === 'status') this.status.set(status);
    else if (to !== this.#id) return;
    else if (kind === 'data') this.#follows.get(id)?.onData(data);
    else this.#failed(id, errors);
  }
}

/** The socket, and what the other tabs follow by it. */
class Hub {
  #leaves = new Map();
  #closing = new AbortController();

  constructor(session, lockOf, tell) {
    this.socket = new Socket(session);
    this.streams = new Streams(this.socket);
    this.lockOf = lockOf;
    this.tell = tell;
  }

  close() {
    this.#closing.abort();
    this.socket.close();
  }

  told({ kind, id, query, variables }, tab) {
    if (kind === 'follow') this.#follow(tab, id, query, variables);
    else if (kind === 'leave') this.#leave(tab, id);
  }

  #follow(tab, id, query, variables) {
    if (!this.#leaves.has(tab)) this.#know(tab);
    const leave = this.streams.join(
      query,
      variables,
      (data) => this.tell('data', { to: tab, id, data }),
      (errors) => this.tell('failed', { to: tab, id, errors }),
    );
    this.#leaves.get(tab).set(id, leave);
  }

  #leave(tab, id) {
    this.#leaves.get(tab)?.get(id)?.();
    this.#leaves.get(tab)?.delete(id);
  }

  // A tab has its own lock for as long as it is there and follows anything.
  #know(tab) {
    this.#leaves.set(tab, new Map());
    const forget = () => {
      for (const id of [...this.#leaves.get(tab).keys()]) this.#leave(tab, id);
      this.#leaves.delete(tab);
    };
    navigator.locks.request(this.lockOf(tab), { signal: this.#closing.signal }, forget).catch(ignoreAbort);
  }
}

function ended(signal) {
  return new Promise((resolve) => signal.addEventListener('abort', resolve));
}

function ignoreAbort(error) {
  if (error.name !== 'AbortError') throw error;
}
