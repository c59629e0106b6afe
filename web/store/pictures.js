// Pictures chosen for a tweet or a profile: announced, sent with progress, and described.
import { words } from '../words.js';
import { Cell } from './cell.js';
import { newKey } from './key.js';

export const MOST_PICTURES = 4;
export const KINDS = 'image/jpeg,image/png,image/webp,image/gif';
// What sends them is fetched when somebody has chosen one.
const uploads = () => import('./uploads.js');

export class Pictures {
  /**
   * The cell holds [{key, preview, width, height, progress, id, altText, isSaving, error}]; `id` is there once all bytes
   * have arrived, the size once the preview was seen. `given` are some of them.
   */
  constructor(api, { most = MOST_PICTURES, given = [] } = {}) {
    this.api = api;
    this.most = most;
    this.cell = new Cell(given);
    this.sending = new Map();
  }

  get isReady() {
    return this.cell.value.every(({ id, isSaving }) => id && !isSaving);
  }

  /** Those for which there is no room are left; of one of another kind its error is told. Returns whether there are any. */
  add(files) {
    for (const file of [...files].slice(0, this.most - this.cell.value.length)) this.#send(file);
    return files.length > 0;
  }

  /** Takes the size that the preview, an element, has. */
  measure(key, { naturalWidth, naturalHeight }) {
    this.#change(key, { width: naturalWidth, height: naturalHeight });
  }

  /** Gives away what was chosen, with its previews, and begins anew. */
  handOver() {
    const chosen = this.cell.value;
    this.cell.set([]);
    return chosen;
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
    const isPicture = KINDS.split(',').includes(file.type);
    const error = isPicture ? null : words.pictures.otherKind(file.name);
    const preview = isPicture ? URL.createObjectURL(file) : null;
    this.cell.set([...this.cell.value, { key, preview, progress: 0, id: null, altText: '', isSaving: false, error }]);
    if (!isPicture) return;
    try {
      const { upload } = await uploads();
      if (!this.#of(key)) return;
      const id = await upload(this.api, file, (request) => this.sending.set(key, request), (progress) => this.#change(key, { progress }));
      this.sending.delete(key);
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
      const { describe } = await uploads();
      await describe(this.api, id, altText);
    } catch (error) {
      this.#change(key, { error: words.errors.tell(error) });
    } finally {
      this.#change(key, { isSaving: false });
    }
  }

  #of(key) {
    return this.cell.value.find((one) => one.key === key);
  }

  #change(key, fields) {
    this.cell.set(this.cell.value.map((one) => (one.key === key ? { ...one, ...fields } : one)));
  }
}

/** A picture that stands in a tweet already, as one that is chosen: it may be left out or described anew. */
export function chosenBefore({ id, altText, width, height, variants }) {
  const preview = variants.find(({ size }) => size === 'THUMBNAIL')?.url;
  return { key: id, preview, width, height, progress: 1, id, altText: altText ?? '', isSaving: false, error: null };
}

/** A chosen picture as one of a tweet that is on its way. */
export function previewed({ key, preview, width, height, altText }) {
  const variants = preview ? [{ size: 'SMALL', url: preview, width, height }] : [];
  return { id: key, state: 'PROCESSING', altText, blurhash: null, width: width ?? null, height: height ?? null, variants };
}
