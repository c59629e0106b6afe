// Subscriptions that outlive lost connections and tokens: each comes back with the variables that hold by then.
import { isPassing, RookeryError, SignedOut } from '../errors.js';
import { faultOf, type Answer, type Http } from '../http.js';
import type { Document } from '../operation.js';
import type { Session } from '../session.js';
import { Cell, type Store } from '../store.js';
import { Backoff } from '../waiting.js';
import { EventStreams } from './events.js';
import { Socket } from './socket.js';
import type { End, Transport } from './transport.js';

const ASLEEP_MS = 20_000;
const SOCKETS_AGAIN_MS = 600_000;
const STEADY_MS = 5_000;
const MOST_BLOCKED = 2;

/** `lost` while the connection is down, and comes back by itself. */
export type Connection = 'idle' | 'connecting' | 'live' | 'lost';

export interface Sink<Data> {
  next(data: Data): void;
  /** The server refused it for good, or the session is over. */
  failed(error: RookeryError): void;
}

export class Live {
  readonly #status = new Cell<Connection>('idle');
  readonly #socket: Socket | null;
  readonly #events: EventStreams;
  readonly #backoff = new Backoff();
  readonly #closing = new AbortController();
  readonly #wakers = new Set<() => void>();
  readonly #streams = new Set<AbortController>();
  #heardAt = 0;
  #liveSince = 0;
  /** Sockets that did not come about one after the other, though the server answers. */
  #blocked = 0;
  /** Until then streams go by server-sent events. */
  #eventsUntil = 0;
  #judging: Promise<void> | null = null;
  #stale: string | null = null;
  #pause: Promise<void> | null = null;

  /** `socket` is an implementation of WebSocket; without one streams go by server-sent events. */
  constructor(
    private readonly http: Http,
    private readonly session: Session,
    socket: typeof WebSocket | null,
  ) {
    const heard = (): void => this.#heard();
    this.#socket = socket ? new Socket(http.url, socket, heard) : null;
    this.#events = new EventStreams(http, heard);
    if (typeof addEventListener === 'undefined' || typeof document === 'undefined') return;
    const { signal } = this.#closing;
    addEventListener('online', () => this.wake(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.wake(), { signal });
  }

  get status(): Store<Connection> {
    return this.#status;
  }

  /** `variables` is asked at each try, so that a stream goes on from its last cursor. Call what it returns to end it. */
  follow<Data, Variables>(document: Document<Data, Variables>, variables: () => Variables, sink: Sink<Data>): () => void {
    const stopping = new AbortController();
    this.#streams.add(stopping);
    void this.#keep(document, variables, sink, stopping.signal).finally(() => {
      this.#streams.delete(stopping);
      if (!this.#streams.size) this.#status.set('idle');
    });
    return () => stopping.abort();
  }

  /** Tries what is lost at once. A machine that slept has connections that only look open: they end. */
  wake(): void {
    const isAsleep = this.#heardAt && Date.now() - this.#heardAt > ASLEEP_MS;
    if (this.#status.get() === 'live' && isAsleep) this.cut();
    for (const awake of [...this.#wakers]) awake();
  }

  /** Ends connections, whose token is that of somebody else by now; streams go on over new ones. */
  cut(): void {
    this.#socket?.cut();
    this.#events.cut();
  }

  close(): void {
    this.#closing.abort();
    for (const stream of this.#streams) stream.abort();
    this.#socket?.close();
    this.#events.close();
    this.wake();
  }

  async #keep<Data, Variables>(
    document: Document<Data, Variables>,
    variables: () => Variables,
    sink: Sink<Data>,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.#pause;
      try {
        const token = await this.#token();
        if (signal.aborted) return;
        const end = await this.#run({ query: String(document), variables: variables() }, token, sink, signal);
        if (signal.aborted) return;
        await this.#ended(end, token);
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) {
          sink.failed(error instanceof RookeryError ? error : new RookeryError('INTERNAL', String(error)));
          return;
        }
      }
      this.#wait();
    }
  }

  #run<Data>(
    operation: { query: string; variables: unknown },
    token: string | null,
    sink: Sink<Data>,
    signal: AbortSignal,
  ): Promise<End> {
    if (this.#status.get() === 'idle') this.#status.set('connecting');
    const running = new AbortController();
    const stop = (): void => running.abort();
    signal.addEventListener('abort', stop);
    const run = new Promise<End>((resolve, reject) => {
      const next = (answer: Answer): void => {
        if (running.signal.aborted) return;
        this.#backoff.reset();
        if (!answer.errors?.length) {
          sink.next(answer.data as Data);
          return;
        }
        running.abort();
        resolve({ errors: answer.errors, wasConnected: true });
      };
      this.#transport().run(operation, token, next, running.signal).then(resolve, reject);
    });
    return run.finally(() => signal.removeEventListener('abort', stop));
  }

  #transport(): Transport {
    return this.#socket && Date.now() >= this.#eventsUntil ? this.#socket : this.#events;
  }

  #heard(): void {
    this.#heardAt = Date.now();
    this.#blocked = 0;
    if (this.#status.get() !== 'live') this.#liveSince = this.#heardAt;
    if (this.#streams.size) this.#status.set('live');
  }

  /** Throws where the same would be refused again. */
  async #ended({ errors, isTokenRefused, wasConnected }: End, token: string | null): Promise<void> {
    const error = errors ? faultOf(errors) : null;
    if (!error) this.#status.set('lost');
    if (!wasConnected) await (this.#judging ??= this.#judgeSockets().finally(() => (this.#judging = null)));
    if (isTokenRefused || error instanceof SignedOut) {
      if (!token) throw error ?? new SignedOut();
      this.#stale = token;
    } else if (error && !isPassing(error)) {
      throw error;
    }
  }

  /** Whether sockets are blocked, or the server is away. */
  async #judgeSockets(): Promise<void> {
    if (this.#transport() !== this.#socket) return;
    await this.http.post('{ __typename }', {}, null);
    this.#blocked += 1;
    if (this.#blocked < MOST_BLOCKED) return;
    this.#blocked = 0;
    this.#eventsUntil = Date.now() + SOCKETS_AGAIN_MS;
  }

  async #token(): Promise<string | null> {
    const token = await this.session.token();
    return token && token === this.#stale ? this.session.renew(token) : token;
  }

  // The streams of one connection are lost together, and wait together.
  #wait(): void {
    if (this.#liveSince && Date.now() - this.#liveSince > STEADY_MS) this.#backoff.reset();
    if (this.#status.get() === 'lost') this.#liveSince = 0;
    this.#pause ??= this.#passed(this.#backoff.next()).then(() => {
      this.#pause = null;
    });
  }

  #passed(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const awake = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(awake);
        resolve();
      };
      const timer = setTimeout(awake, milliseconds);
      this.#wakers.add(awake);
    });
  }
}
