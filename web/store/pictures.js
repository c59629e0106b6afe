// Pictures chosen for a tweet or a profile: announced, sent with progress, and described.
import { words } from '../words.js';
import { Cell } from './cell.js';
import { newKey } from './key.js';

export const MOST_PICTURES = 4;
export const KINDS = 'image/jpeg,image/png,image/webp,image/gif';
// What sends them is fetched when somebody has chosen one.
const uploads = () => import('./uploads.js');

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

/** A picture that stands in a tweet already, which may be left out or described anew. */
function chosenBefore({ id, altText, variants }) {
  const preview = variants.find(({ size }) => size === 'THUMBNAIL')?.url;
  return { key: id, preview, progress: 1, id, altText: altText ?? '', isSaving: false, error: null };
}
