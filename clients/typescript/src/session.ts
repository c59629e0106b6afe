// The sign-in of all tabs of a browser: its tokens lie in one storage, and one tab at a time renews them, since a refresh
// token serves once.
import { isPassing, Refused, Replaced, SignedOut } from './errors.js';
import { REFRESH_TOKENS, type Tokens } from './generated.js';
import { done, type Http } from './http.js';
import { Cell, type Store } from './store.js';
import { passed } from './waiting.js';

const EARLY_MS = 30_000;
// The server gives the same tokens again for 10 s; a lost answer is asked for again within that time.
const RETRIES_MS = [200, 400, 800, 1_600, 3_200];
// A browser may give another tab the lock before it shows that tab what was stored under it.
const STORED_MS = 250;

/** As localStorage. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface Kept extends Tokens {
  /** The same until somebody signs in anew. */
  readonly signIn: string;
  /** Null where the clock says nothing, since it is ahead of the server's: then the server's refusal does. */
  readonly renewAt: number | null;
}

/** What a session needs of its surroundings; a browser has all of it. */
export interface SessionOptions {
  readonly storage: TokenStorage;
  readonly key: string;
  readonly locks: Pick<LockManager, 'request'> | undefined;
  readonly now: () => number;
  /** Called when another sign-in, or none, stands in the place of what was. */
  readonly onOther: () => void;
}

export class Session {
  readonly #cell: Cell<string | null>;
  readonly #channel: BroadcastChannel | undefined;
  #renewing: Promise<string> | null = null;
  #signIn: string | null;

  constructor(
    private readonly http: Http,
    private readonly options: SessionOptions,
  ) {
    const kept = this.#kept();
    this.#cell = new Cell(kept?.accessToken ?? null);
    this.#signIn = kept?.signIn ?? null;
    if (typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(options.key);
    this.#channel.onmessage = () => this.#reread();
    // Node.js would wait for it.
    (this.#channel as { unref?: () => void }).unref?.();
  }

  /** The same until somebody signs in anew, or out, in any tab. */
  get mark(): string | null {
    return this.#kept()?.signIn ?? null;
  }

  /** The access token, or null where nobody is signed in. */
  get tokens(): Store<string | null> {
    return this.#cell;
  }

  /** Takes new tokens, for all tabs; those of the same `signIn` are a renewal. */
  begin(tokens: Tokens, signIn = unique()): void {
    const now = this.options.now();
    const left = Date.parse(tokens.expiresAt) - now;
    const renewAt = left > 0 ? now + Math.max(left - EARLY_MS, left / 2) : null;
    this.options.storage.setItem(this.options.key, JSON.stringify({ ...tokens, renewAt, signIn } satisfies Kept));
    this.#changed();
  }

  /** Forgets the tokens, in all tabs. */
  end(): void {
    this.options.storage.removeItem(this.options.key);
    this.#changed();
  }

  close(): void {
    this.#channel?.close();
  }

  /** A token that is not about to run out, or null without a sign-in. Rejects with SignedOut once the session is over. */
  async token(): Promise<string | null> {
    const kept = this.#kept();
    if (!kept) return null;
    const isFresh = kept.renewAt === null || this.options.now() < kept.renewAt;
    return isFresh ? kept.accessToken : this.renew(kept.accessToken);
  }

  /** A token in place of one that was refused, whichever tab is the first to ask. Rejects with SignedOut. */
  renew(stale: string): Promise<string> {
    if (this.#renewing) return this.#renewing;
    const renewing = this.#alone(() => this.#renewed(stale)).finally(() => {
      if (this.#renewing === renewing) this.#renewing = null;
    });
    this.#renewing = renewing;
    return renewing;
  }

  async #renewed(stale: string): Promise<string> {
    const kept = this.#kept();
    if (!kept) throw new SignedOut();
    if (kept.accessToken !== stale) {
      this.#reread();
      return kept.accessToken;
    }
    const tokens = await this.#refreshed(kept.refreshToken);
    if (this.mark !== kept.signIn) {
      this.#reread();
      throw new Replaced();
    }
    if (!tokens) {
      this.end();
      throw new SignedOut('the session is over');
    }
    this.begin(tokens, kept.signIn);
    return tokens.accessToken;
  }

  async #refreshed(refreshToken: string): Promise<Tokens | null> {
    for (const wait of [...RETRIES_MS, null]) {
      try {
        return done((await this.http.post(REFRESH_TOKENS, { refreshToken }, null)).refreshTokens).tokens;
      } catch (error) {
        if (error instanceof Refused || error instanceof SignedOut) return null;
        if (wait === null || !isPassing(error)) throw error;
        await passed(wait);
      }
    }
    return null;
  }

  // Pages that came over plain HTTP from another machine have no locks; the server's ten seconds help them.
  async #alone(act: () => Promise<string>): Promise<string> {
    const { locks, key } = this.options;
    if (!locks) return act();
    return new Promise((resolve, reject) => {
      const held = locks.request(key, async () => {
        const acting = act();
        acting.then(resolve, reject);
        await acting.finally(() => passed(STORED_MS));
      });
      held.catch(reject);
    });
  }

  #changed(): void {
    this.#reread();
    this.#channel?.postMessage(null);
  }

  #reread(): void {
    const kept = this.#kept();
    const signIn = kept?.signIn ?? null;
    const isOther = signIn !== this.#signIn;
    this.#signIn = signIn;
    if (isOther) {
      this.#renewing = null;
      this.options.onOther();
    }
    this.#cell.set(kept?.accessToken ?? null);
  }

  #kept(): Kept | null {
    try {
      return JSON.parse(this.options.storage.getItem(this.options.key) ?? 'null') as Kept | null;
    } catch {
      return null;
    }
  }
}

/** Letters that no other call gives; randomUUID is for pages over HTTPS alone. */
export function unique(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A storage for where there is no localStorage: it lasts as long as the program. */
export function memoryStorage(): TokenStorage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}
