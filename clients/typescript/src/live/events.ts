// Each stream as server-sent events of its own request, for where websockets are blocked.
import type { Answer, Http } from '../http.js';
import type { End, Subscription, Transport } from './transport.js';

// The server sends something every 12 s.
const SILENT_MS = 30_000;

export class EventStreams implements Transport {
  readonly #open = new Set<() => void>();

  constructor(
    private readonly http: Http,
    private readonly onHeard: () => void,
  ) {}

  async run(
    operation: Subscription,
    token: string | null,
    next: (answer: Answer) => void,
    signal: AbortSignal,
  ): Promise<End> {
    const ending = new AbortController();
    const end = (): void => ending.abort();
    signal.addEventListener('abort', end);
    this.#open.add(end);
    let silence = setTimeout(end, SILENT_MS);
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(end, SILENT_MS);
      this.onHeard();
    };
    let wasConnected = false;
    try {
      const reply = await this.http.request(operation, token, 'text/event-stream', ending.signal);
      const isStream = reply.headers.get('content-type')?.startsWith('text/event-stream');
      if (!isStream) return await refusal(reply);
      wasConnected = true;
      heard();
      for await (const answer of answersOf(reply, heard)) {
        if (ending.signal.aborted) break;
        if (answer.errors?.length && !answer.data) return { errors: answer.errors, wasConnected };
        next(answer);
      }
    } catch {
      // The connection broke.
    } finally {
      clearTimeout(silence);
      end();
      this.#open.delete(end);
      signal.removeEventListener('abort', end);
    }
    return { wasConnected };
  }

  cut(): void {
    for (const end of this.#open) end();
  }

  close(): void {
    this.cut();
  }
}

async function refusal(reply: Response): Promise<End> {
  const { errors } = (await reply.json()) as Answer;
  return errors ? { errors, wasConnected: true } : { isTokenRefused: reply.status === 401, wasConnected: true };
}

/** What `next` events hold, until `complete`; other events are skipped. */
async function* answersOf(reply: Response, heard: () => void): AsyncGenerator<Answer> {
  const reader = reply.body!.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    heard();
    const events = (text + part.value).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const { name, data } = parsed(event);
      if (name === 'complete') return;
      if (name === 'next') yield JSON.parse(data) as Answer;
    }
  }
}

function parsed(event: string): { name: string; data: string } {
  const values = (field: string): string[] =>
    event.split('\n').flatMap((line) => (line.startsWith(`${field}:`) ? [line.slice(field.length + 1).trimStart()] : []));
  return { name: values('event').at(-1) ?? '', data: values('data').join('\n') };
}
