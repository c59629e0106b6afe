// Short messages that go away by themselves.
import { words } from '../words.js';
import { Cell } from './cell.js';

const SHOWN_MS = 6_000;

export class Toasts {
  #number = 0;

  constructor() {
    this.cell = new Cell([]);
  }

  /** `act` is {label, run}: one thing that can be done about it. */
  say(text, { act = null, isBad = false } = {}) {
    const id = (this.#number += 1);
    this.cell.set([...this.cell.value.slice(-2), { id, text, act, isBad }]);
    setTimeout(() => this.drop(id), act ? SHOWN_MS * 2 : SHOWN_MS);
  }

  failed(error, act = null) {
    this.say(words.errors.tell(error), { act, isBad: true });
  }

  drop(id) {
    this.cell.set(this.cell.value.filter((toast) => toast.id !== id));
  }
}
