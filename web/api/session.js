// The sign-in, shared by all tabs of a browser: tokens lie in localStorage, and one tab at a time renews them, for a
// refresh token serves once.
import { Cell } from '../store/cell.js';
import { REFRESH } from './documents/signing.js';

const KEY = 'rookery.session';
const LOCK = 'rookery.refresh';
const EARLY_MS = 30_000;
// A browser may give another tab the lock before it shows that tab what was stored under it.
const STORED_MS = 250;

export class Session {
  /** The cell holds {handle, accessToken, refreshToken, expiresAt}, or null without a sign-in. */
  constructor(post, storage = localStorage) {
    this.post = post;
    this.storage = storage;
    this.cell = new Cell(this.#kept());
    addEventListener('storage', (event) => {
      if (event.key === KEY || event.key === null) this.cell.set(this.#kept());
    });
  }

  get handle() {
    return this.cell.value?.handle ?? null;
  }

  begin(handle, tokens) {
    const session = { ...tokens, handle };
    this.storage.setItem(KEY, JSON.stringify(session));
    this.cell.set(session);
  }

  end() {
    this.storage.removeItem(KEY);
    this.cell.set(null);
  }

  /** An access token that is not about to run out, or null without a sign-in. Rejects where none can be had now. */
  async token() {
    const session = this.cell.value;
    if (!session) return null;
    if (Date.parse(session.expiresAt) - Date.now() > EARLY_MS) return session.accessToken;
    return this.renew(session.accessToken);
  }

  /** A token in place of `stale`, whichever tab is the first to ask for it. */
  async renew(stale) {
    return exclusively(async () => {
      const session = this.#kept();
      if (!session) {
        this.cell.set(null);
        return null;
      }
      if (session.accessToken !== stale) {
        this.cell.set(session);
        return session.accessToken;
      }
      return this.#renewed(session);
    });
  }

  async #renewed(session) {
    const { data } = await this.post(REFRESH, { token: session.refreshToken }, null);
    const tokens = data?.refreshTokens?.tokens;
    if (data?.refreshTokens && !tokens) {
      this.end();
      return null;
    }
    if (!tokens) throw new Error('the tokens could not be renewed');
    this.begin(session.handle, tokens);
    return tokens.accessToken;
  }

  #kept() {
    try {
      return JSON.parse(this.storage.getItem(KEY));
    } catch {
      return null;
    }
  }
}

// Pages that came over plain HTTP from another machine have no locks; their tabs may meet.
function exclusively(act) {
  if (!navigator.locks) return act();
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(LOCK, async () => {
      const acting = act();
      acting.then(resolve, reject);
      await acting.finally(() => new Promise((stored) => { setTimeout(stored, STORED_MS); }));
    });
    held.catch(reject);
  });
}
