// Advertisements that were truly seen are recorded, some at a time; a click only after its impression.
import { RECORD_CLICK, RECORD_IMPRESSIONS } from '../api/documents/impressions.js';

const GATHER_MS = 500;

export class Impressions {
  #seen = new Set();
  #due = [];
  #recording = null;

  constructor(api) {
    this.api = api;
  }

  /** Records an advertisement once. */
  seen(token) {
    if (this.#seen.has(token)) return;
    this.#seen.add(token);
    this.#due.push(token);
    this.#recording ??= new Promise((resolve) => {
      setTimeout(() => resolve(this.#record()), GATHER_MS);
    });
  }

  async opened(token) {
    this.seen(token);
    await this.#recording;
    await this.api.act(RECORD_CLICK, { token }).catch(() => {});
  }

  async #record() {
    const tokens = this.#due.splice(0);
    this.#recording = null;
    // What could not be recorded is not paid for, and nobody reading the page has to know.
    await this.api.act(RECORD_IMPRESSIONS, { tokens }).catch(() => {});
  }
}
