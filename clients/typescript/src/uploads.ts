// Pictures: a target from the server, the bytes with progress, and the variants once they are made.
import { RookeryError } from './errors.js';
import { CREATE_UPLOAD, MEDIA_BY_ID, type UploadTarget, type Media } from './generated.js';
import { done } from './http.js';
import type { Ask } from './acts.js';
import { Backoff, passed } from './waiting.js';

const PIECE = 64 * 1024;

export interface UploadOptions {
  readonly altText?: string;
  /** Called with the part of the bytes that is on its way, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

/** A picture whose bytes the server has: a tweet may show it by `id`, also before it is `ready`. */
export interface Uploaded {
  readonly id: string;
  /** The picture with its variants. Rejects where it is no picture, with the reason. */
  readonly ready: () => Promise<Media>;
}

export class Uploads {
  constructor(
    private readonly ask: Ask,
    private readonly fetch: typeof globalThis.fetch,
    private readonly url: string,
  ) {}

  /** Rejects with a RookeryError, or with the reason of `signal`. */
  async upload(file: Blob, { altText, onProgress = () => {}, signal }: UploadOptions = {}): Promise<Uploaded> {
    const sha256 = hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    const input = { contentType: file.type, byteLength: file.size, sha256, ...(altText === undefined ? {} : { altText }) };
    const { media, upload } = done((await this.ask(CREATE_UPLOAD, { input })).createUpload);
    if (!media || !upload) throw new RookeryError('INTERNAL', 'the server named no target');
    onProgress(0);
    const send = typeof XMLHttpRequest === 'undefined' ? this.#byFetch : byRequest;
    const status = await send(this.#absolute(upload), file, onProgress, signal);
    if (status >= 300) throw new RookeryError('BAD_USER_INPUT', `the picture was refused: ${status}`);
    onProgress(1);
    return { id: media.id, ready: () => this.#ready(media.id, signal) };
  }

  #absolute(target: UploadTarget): UploadTarget {
    return { ...target, url: new URL(target.url, this.url).href };
  }

  readonly #byFetch = async (
    { method, url, headers }: UploadTarget,
    file: Blob,
    onProgress: (part: number) => void,
    signal?: AbortSignal,
  ): Promise<number> => {
    const options = {
      method,
      headers: { ...Object.fromEntries(headers.map(({ name, value }) => [name, value])), 'content-length': `${file.size}` },
      body: counted(file, onProgress),
      duplex: 'half',
      signal: signal ?? null,
    };
    try {
      return (await this.fetch(url, options)).status;
    } catch (error) {
      signal?.throwIfAborted();
      throw new RookeryError('NETWORK', error instanceof Error ? error.message : 'no answer');
    }
  };

  async #ready(id: string, signal?: AbortSignal): Promise<Media> {
    const backoff = new Backoff();
    for (;;) {
      signal?.throwIfAborted();
      const { node } = await this.ask(MEDIA_BY_ID, { id });
      if (!node) throw new RookeryError('NOT_FOUND', 'the picture is gone');
      if (node.state === 'FAILED') throw new RookeryError('BAD_USER_INPUT', node.failure ?? 'no picture');
      if (node.state === 'READY') return node;
      await passed(backoff.next());
    }
  }
}

/** Browsers tell the progress of this kind of request alone. */
function byRequest(
  { method, url, headers }: UploadTarget,
  file: Blob,
  onProgress: (part: number) => void,
  signal?: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const { name, value } of headers) {
      if (!['content-length', 'host'].includes(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => resolve(request.status);
    request.onerror = () => reject(new RookeryError('NETWORK', 'the bytes did not arrive'));
    request.onabort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function counted(file: Blob, onProgress: (part: number) => void): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent >= file.size) {
        controller.close();
        return;
      }
      const piece = new Uint8Array(await file.slice(sent, sent + PIECE).arrayBuffer());
      controller.enqueue(piece);
      sent += piece.byteLength;
      onProgress(sent / file.size);
    },
  });
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
