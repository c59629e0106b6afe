// Subscriptions over one websocket, which come back by themselves, with whatever variables hold by then.
import { createClient } from '../vendor/graphql-ws.js';
import { Cell } from '../store/cell.js';

const UNAUTHORIZED = 4401;
const TOO_MANY = 4429;
const PING_MS = 12_000;
const PONG_MS = 5_000;
const ASLEEP_MS = 20_000;
const STEADY_MS = 5_000;
const WAITS_MS = [250, 1_000, 2_000, 4_000, 8_000];
const PASSING = new Set(['UNAVAILABLE', 'RATE_LIMITED']);

export class Socket {
  #stale = null;
  #used = null;
  #heardAt = Date.now();
  #liveAt = null;
  #losses = 0;
  /** While the connection is down: what all streams wait for before they try it again. */
  #pause = null;
  #pong = null;
  #wakers = new Set();
  #closing = new AbortController();

  constructor(session) {
    this.session = session;
    /** 'idle', 'connecting', 'live', 'lost' or 'crowded', where other devices of this person take all sockets. */
    this.status = new Cell('idle');
    this.client = createClient({
      url: `${location.protocol.replace('http', 'ws')}//${location.host}/graphql`,
      connectionParams: () => this.#parameters(),
      retryAttempts: 0,
      lazyCloseTimeout: 3_000,
      keepAlive: PING_MS,
      on: {
        connecting: () => this.status.value === 'idle' && this.status.set('connecting'),
        connected: () => {
          this.#liveAt = Date.now();
          this.#heard();
        },
        message: () => this.#heard(),
        ping: (received) => received || this.#expectPong(),
        pong: (received) => received && this.#heard(),
        error: () => this.#wait(),
        closed: (event) => this.#lost(event),
      },
    });
    const { signal } = this.#closing;
    addEventListener('offline', () => this.client.terminate(), { signal });
    addEventListener('online', () => this.#wake(), { signal });
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
  }

  /**
   * Hands each result to `onData` till the returned function is called. `variables` is asked again at each try, so that
   * a stream goes on from the last cursor; `onFail` hears what the server refuses for good.
   */
  follow(query, variables, onData, onFail = () => {}) {
    let stop = () => {};
    let stopped = false;
    const run = async () => {
      for (let tries = 0; ; tries += 1) {
        await this.#pause;
        if (stopped || this.#closing.signal.aborted) return;
        const began = Date.now();
        const end = await new Promise((resolve) => {
          const unsubscribe = this.client.subscribe(
            { query, variables: variables() },
            {
              next: ({ data, errors }) => (errors ? resolve(errors) : onData(data)),
              error: resolve,
              complete: () => resolve('completed'),
            },
          );
          stop = () => (unsubscribe(), resolve('stopped'));
        });
        if (stopped) return;
        const isRefused = Array.isArray(end);
        if (isRefused && !end.some((error) => PASSING.has(error.extensions?.code))) {
          onFail(end);
          return;
        }
        if (Date.now() - began > STEADY_MS) tries = 0;
        if (isRefused || end === 'completed') await this.#passed(waitAfter(tries));
      }
    };
    run();
    return () => {
      stopped = true;
      stop();
    };
  }

  close() {
    this.#closing.abort();
    clearTimeout(this.#pong);
    this.client.dispose();
    this.#wake();
  }

  async #parameters() {
    let token = await this.session.token();
    if (token && token === this.#stale) token = await this.session.renew(token);
    this.#used = token;
    return token ? { authorization: `Bearer ${token}` } : {};
  }

  #expectPong() {
    clearTimeout(this.#pong);
    this.#pong = setTimeout(() => this.client.terminate(), PONG_MS);
  }

  #heard() {
    clearTimeout(this.#pong);
    this.#heardAt = Date.now();
    this.status.set('live');
  }

  #lost(event) {
    clearTimeout(this.#pong);
    if (event?.code === UNAUTHORIZED) this.#stale = this.#used;
    if (event?.code === 1000) {
      this.status.set('idle');
      return;
    }
    this.#wait();
    if (!this.#closing.signal.aborted) this.status.set(event?.code === TOO_MANY ? 'crowded' : 'lost');
  }

  // A failed try has both an error and an end; they are one loss.
  #wait() {
    if (this.#pause) return;
    if (this.#liveAt && Date.now() - this.#liveAt > STEADY_MS) this.#losses = 0;
    this.#liveAt = null;
    this.#pause = this.#passed(waitAfter(this.#losses)).then(() => (this.#pause = null));
    this.#losses += 1;
  }

  // A machine that slept has sockets that only look open.
  #seen() {
    if (document.hidden) return;
    if (this.status.value === 'live' && Date.now() - this.#heardAt > ASLEEP_MS) this.client.terminate();
    this.#wake();
  }

  /** Resolves after about `ms`, or as soon as somebody looks or the browser is online again. */
  #passed(ms) {
    return new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer);
        this.#wakers.delete(awake);
        resolve();
      };
      const timer = setTimeout(awake, ms);
      this.#wakers.add(awake);
    });
  }

  #wake() {
    for (const awake of [...this.#wakers]) awake();
  }
}

function waitAfter(tries) {
  return WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] * (0.8 + Math.random() * 0.4);
}
