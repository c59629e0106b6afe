// What failed for want of a connection is tried again by itself: after one pause for all, which grows, and at once when
// there is a sign that the server is in reach.

const WAITS_MS = [2_000, 4_000, 8_000, 15_000, 30_000];
const PASSING = new Set(['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED']);

class Healing {
  #due = [];
  #timer = null;
  #tries = 0;

  constructor() {
    addEventListener('online', () => this.now());
    document.addEventListener('visibilitychange', () => document.hidden || this.now());
  }

  /** Whether the error may pass without anybody doing anything. */
  mayPass(error) {
    return PASSING.has(error?.code);
  }

  /** Resolves when it is time for another try. */
  turn() {
    this.#timer ??= setTimeout(() => this.#timeIsUp(), waitAfter(this.#tries));
    return new Promise((resolve) => this.#due.push(resolve));
  }

  /** The server is in reach. */
  now() {
    this.#tries = 0;
    this.#turn();
  }

  #timeIsUp() {
    this.#tries += 1;
    this.#timer = null;
    if (!document.hidden) this.#turn();
  }

  #turn() {
    clearTimeout(this.#timer);
    this.#timer = null;
    for (const resolve of this.#due.splice(0)) resolve();
  }
}

export const healing = new Healing();

/** What `load` resolves to, tried till then while only the connection fails; null once `isWanted` says no. */
export async function patiently(load, isWanted = () => true) {
  while (isWanted()) {
    try {
      return await load();
    } catch (error) {
      if (!healing.mayPass(error)) throw error;
      await healing.turn();
    }
  }
  return null;
}

function waitAfter(tries) {
  return WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] * (0.8 + Math.random() * 0.4);
}
