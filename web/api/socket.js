// Subscriptions over one websocket, which come back by themselves, with whatever variables hold by then.
import { createClient } from '../vendor/graphql-ws.js';
import { Cell } from '../store/cell.js';

const UNAUTHORIZED = 4401;
const PING_MS = 12_000;
const PONG_MS = 5_000;
const ASLEEP_MS = 20_000;
const WAITS_MS = [250, 1_000, 2_000, 4_000, 8_000];

export class Socket {
  #stale = null;
  #used = null;
  #heardAt = Date.now();
  #pong = null;
  #wakers = new Set();
  #closed = false;

  constructor(session) {
    this.session = session;
    /** 'idle', 'connecting', 'live' or 'lost'. */
    this.status = new Cell('idle');
    this.client = createClient({
      url: `${location.protocol.replace('http', 'ws')}//${location.host}/graphql`,
      connectionParams: () => this.#parameters(),
      retryAttempts: 0,
      lazyCloseTimeout: 3_000,
      keepAlive: PING_MS,
      on: {
        connecting: () => this.status.value !== 'lost' && this.status.set('connecting'),
        connected: () => this.#heard('live'),
        message: () => this.#heard('live'),
        ping: (received) => received || this.#expectPong(),
        pong: (received) => received && this.#heard('live'),
        closed: (event) => this.#lost(event),
      },
    });
    addEventListener('offline', () => this.client.terminate());
    addEventListener('online', () => this.#wake());
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /**
   * Hands each result to `onData` till the returned function is called. `variables` is asked again at each try, so that
   * a stream goes on from the last cursor; `onFail` hears what the server refuses for good.
   */
  follow(query, variables, onData, onFail = () => {}) {
    let stop = () => {};
    let stopped = false;
    const run = async () => {
      for (let tries = 0; !stopped && !this.#closed; tries += 1) {
        const began = Date.now();
        const end = await new Promise((resolve) => {
          stop = this.client.subscribe(
            { query, variables: variables() },
            {
              next: ({ data, errors }) => (errors ? resolve(errors) : onData(data)),
              error: resolve,
              complete: () => resolve('completed'),
            },
          );
          const unsubscribe = stop;
          stop = () => (unsubscribe(), resolve('stopped'));
        });
        if (stopped) return;
        if (Array.isArray(end) && !end.some((error) => error.extensions?.code === 'UNAVAILABLE')) {
          onFail(end);
          return;
        }
        if (Date.now() - began > 5_000) tries = 0;
        await this.#pause(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
      }
    };
    run();
    return () => {
      stopped = true;
      stop();
    };
  }

  close() {
    this.#closed = true;
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

  #heard(status) {
    clearTimeout(this.#pong);
    this.#heardAt = Date.now();
    this.status.set(status);
  }

  #lost(event) {
    clearTimeout(this.#pong);
    if (event?.code === UNAUTHORIZED) this.#stale = this.#used;
    if (event?.code === 1000) this.status.set('idle');
    else if (!this.#closed) this.status.set('lost');
  }

  // A machine that slept has sockets that only look open.
  #seen() {
    if (document.visibilityState !== 'visible') return;
    if (this.status.value === 'live' && Date.now() - this.#heardAt > ASLEEP_MS) this.client.terminate();
    this.#wake();
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer);
        this.#wakers.delete(awake);
        resolve();
      };
      const timer = setTimeout(awake, ms * (0.8 + Math.random() * 0.4));
      this.#wakers.add(awake);
    });
  }

  #wake() {
    for (const awake of [...this.#wakers]) awake();
  }
}
