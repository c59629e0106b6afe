// Short messages that go away by themselves.
import { words } from '../words.js';
import { Cell } from './cell.js';

const SHOWN_MS = 6_000;

export class Toasts {
  #number = 0;
  #timers = new Map();

  constructor() {
    this.cell = new Cell([]);
  }

  /** `act` is {label, run}: one thing that can be done about it. */
  say(text, { act = null, isBad = false } = {}) {
    const id = (this.#number += 1);
    this.cell.set([...this.cell.value.slice(-2), { id, text, act, isBad }]);
    this.goLater(id);
  }

  /** Keeps it for as long as somebody is at it. */
  stay(id) {
    clearTimeout(this.#timers.get(id));
  }

  goLater(id) {
    this.stay(id);
    this.#timers.set(id, setTimeout(() => this.drop(id), SHOWN_MS));
  }

  failed(error, act = null) {
    this.say(words.errors.tell(error), { act, isBad: true });
  }

  drop(id) {
    this.stay(id);
    this.#timers.delete(id);
    this.cell.set(this.cell.value.filter((toast) => toast.id !== id));
  }
}
