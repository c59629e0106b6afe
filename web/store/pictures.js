// Pictures chosen for a tweet or a profile: announced, sent with progress, and described.
import { CREATE_UPLOAD, DESCRIBE_MEDIA, MEDIA_STATE } from '../api/documents/media.js';
import { ApiError } from '../api/errors.js';
import { words } from '../words.js';
import { Cell } from './cell.js';
import { newKey } from './key.js';

export const MOST_PICTURES = 4;
export const KINDS = 'image/jpeg,image/png,image/webp,image/gif';
const ASK_MS = 400;

export class Pictures {
  /** The cell holds [{key, preview, progress, id, altText, isSaving, error}]; `id` is there once all bytes have arrived. */
  constructor(api, { most = MOST_PICTURES, given = [] } = {}) {
    this.api = api;
    this.most = most;
    this.cell = new Cell(given.map(chosenBefore));
    this.sending = new Map();
  }

  get ids() {
    return this.cell.value.map(({ id }) => id);
  }

  get isReady() {
    return this.cell.value.every(({ id, isSaving }) => id && !isSaving);
  }

  /** Files of other kinds, and those for which there is no room, are left. */
  add(files) {
    const pictures = [...files].filter((file) => KINDS.split(',').includes(file.type));
    for (const file of pictures.slice(0, this.most - this.cell.value.length)) this.#send(file);
    return pictures.length > 0;
  }

  /** Keeps what is being typed. */
  write(key, altText) {
    this.#change(key, { altText });
  }

  /** Sends what was written; before all bytes have arrived that waits for them. */
  async describe(key) {
    if (this.#of(key)?.id) await this.#save(key);
  }

  remove(key) {
    this.sending.get(key)?.abort();
    URL.revokeObjectURL(this.#of(key)?.preview);
    this.cell.set(this.cell.value.filter((one) => one.key !== key));
  }

  clear() {
    for (const { key } of this.cell.value) this.remove(key);
  }

  async #send(file) {
    const key = newKey();
    this.cell.set([...this.cell.value, { key, preview: URL.createObjectURL(file), progress: 0, id: null, altText: '', isSaving: false, error: null }]);
    try {
      const id = await this.#upload(key, file);
      this.#change(key, { id, progress: 1 });
      if (this.#of(key)?.altText) await this.#save(key);
    } catch (error) {
      this.#change(key, { error: words.errors.tell(error) });
    }
  }

  // What is posted meanwhile would be shown without its description.
  async #save(key) {
    const { id, altText } = this.#of(key);
    this.#change(key, { isSaving: true });
    try {
      await this.api.act(DESCRIBE_MEDIA, { id, altText });
    } catch (error) {
      this.#change(key, { error: words.errors.tell(error) });
    } finally {
      this.#change(key, { isSaving: false });
    }
  }

  async #upload(key, file) {
    const bytes = await file.arrayBuffer();
    const input = { contentType: file.type, byteLength: bytes.byteLength, sha256: await digest(bytes) };
    const { media, upload } = await this.api.act(CREATE_UPLOAD, { input });
    await put(upload, bytes, (request) => this.sending.set(key, request), (progress) => this.#change(key, { progress }));
    this.sending.delete(key);
    return media.id;
  }

  #of(key) {
    return this.cell.value.find((one) => one.key === key);
  }

  #change(key, fields) {
    this.cell.set(this.cell.value.map((one) => (one.key === key ? { ...one, ...fields } : one)));
  }
}

/** A picture that stands in a tweet already, which may be left out or described anew. */
function chosenBefore({ id, altText, variants }) {
  const preview = variants.find(({ size }) => size === 'THUMBNAIL')?.url;
  return { key: id, preview, progress: 1, id, altText: altText ?? '', isSaving: false, error: null };
}

/** Resolves once the picture is READY; rejects with its sentence where it FAILED. */
export async function untilReady(api, id) {
  for (;;) {
    const { node } = await api.ask(MEDIA_STATE, { id });
    if (node?.state === 'READY') return;
    if (node?.state === 'FAILED') throw new ApiError('BAD_USER_INPUT', node.failure);
    await new Promise((resolve) => { setTimeout(resolve, ASK_MS); });
  }
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

// fetch tells nothing of how far a body is.
function put({ method, url, headers }, bytes, begun, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    begun(request);
    request.open(method, new URL(url, location.href));
    for (const { name, value } of headers) if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onload = () => (request.status < 300 ? resolve() : reject(new ApiError('BAD_USER_INPUT', reasonOf(request))));
    request.onerror = () => reject(new ApiError('NETWORK', 'upload'));
    request.onabort = () => reject(new ApiError('NETWORK', 'aborted'));
    request.send(bytes);
  });
}

function reasonOf(request) {
  try {
    return JSON.parse(request.responseText).error;
  } catch {
    return request.statusText;
  }
}
