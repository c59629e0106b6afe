// All streams over one websocket, by the protocol graphql-transport-ws.
import type { Answer, GraphQLFault } from '../http.js';
import type { End, Subscription, Transport } from './transport.js';

const PROTOCOL = 'graphql-transport-ws';
const OPEN = 1;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const OF_THE_SERVER = 4_400;
const ACK_MS = 10_000;
const PING_MS = 12_000;
const PONG_MS = 5_000;
const IDLE_MS = 3_000;

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

interface Run {
  readonly operation: Subscription;
  readonly next: (answer: Answer) => void;
  readonly ended: (end: End) => void;
}

export class Socket implements Transport {
  readonly #url: string;
  readonly #runs = new Map<string, Run>();
  #socket: WebSocket | null = null;
  #isConnected = false;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    url: string,
    private readonly implementation: typeof WebSocket,
    private readonly onHeard: () => void,
  ) {
    this.#url = url.replace(/^http/, 'ws');
  }

  run(operation: Subscription, token: string | null, next: (answer: Answer) => void, signal: AbortSignal): Promise<End> {
    return new Promise((resolve) => {
      const id = String((this.#count += 1));
      this.#runs.set(id, { operation, next, ended: resolve });
      signal.addEventListener('abort', () => this.#stop(id), { once: true });
      if (this.#isConnected) this.#subscribe(id);
      else if (!this.#socket) this.#open(token);
    });
  }

  cut(): void {
    const socket = this.#socket;
    if (socket) this.#lost(socket, undefined);
    socket?.close();
  }

  close(): void {
    this.cut();
  }

  #open(token: string | null): void {
    const socket = this.#made();
    if (!socket) return;
    this.#socket = socket;
    this.#limit(ACK_MS);
    const payload = token ? { authorization: `Bearer ${token}` } : {};
    socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload }));
    socket.onmessage = ({ data }) => this.#socket === socket && this.#heard(JSON.parse(String(data)) as Message);
    socket.onclose = ({ code }) => this.#lost(socket, code);
    // What follows it is a close.
    socket.onerror = () => {};
  }

  // A page's policy may forbid sockets.
  #made(): WebSocket | null {
    try {
      return new this.implementation(this.#url, PROTOCOL);
    } catch {
      this.#endAll({ wasConnected: false });
      return null;
    }
  }

  #heard({ type, id = '', payload }: Message): void {
    if (type === 'connection_ack') {
      this.#isConnected = true;
      for (const run of this.#runs.keys()) this.#subscribe(run);
    }
    if (this.#isConnected) this.#rest();
    this.onHeard();
    if (type === 'ping') this.#send({ type: 'pong' });
    else if (type === 'next') this.#runs.get(id)?.next(payload as Answer);
    else if (type === 'error') this.#ended(id, { errors: payload as GraphQLFault[], wasConnected: true });
    else if (type === 'complete') this.#ended(id, { wasConnected: true });
  }

  #subscribe(id: string): void {
    this.#send({ type: 'subscribe', id, payload: this.#runs.get(id)!.operation });
  }

  #stop(id: string): void {
    if (!this.#runs.has(id)) return;
    if (this.#isConnected) this.#send({ type: 'complete', id });
    this.#ended(id, { wasConnected: true });
  }

  #ended(id: string, end: End): void {
    this.#runs.get(id)?.ended(end);
    this.#runs.delete(id);
    if (!this.#runs.size) setTimeout(() => this.#runs.size || this.cut(), IDLE_MS);
  }

  #lost(socket: WebSocket, code: number | undefined): void {
    if (this.#socket !== socket) return;
    clearTimeout(this.#timer);
    const wasConnected = this.#isConnected || (code !== undefined && code >= OF_THE_SERVER);
    this.#socket = null;
    this.#isConnected = false;
    const errors = code === FORBIDDEN ? { errors: [{ message: 'forbidden', extensions: { code: 'FORBIDDEN' } }] } : {};
    this.#endAll({ ...errors, isTokenRefused: code === UNAUTHORIZED, wasConnected });
  }

  #endAll(end: End): void {
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const run of runs) run.ended(end);
  }

  // A quiet connection is asked for a sign of life; one without an answer is lost.
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#send({ type: 'ping' });
      this.#limit(PONG_MS);
    }, PING_MS);
  }

  #limit(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.cut(), milliseconds);
  }

  #send(message: Message): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message));
  }
}
