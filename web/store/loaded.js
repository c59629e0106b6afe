// One thing that is read once, and again where that failed.
import { Cell } from './cell.js';
import { healing } from './healing.js';

export class Loaded {
  constructor(load) {
    this.load = load;
    /** `state` is 'loading', 'ready' or 'failed'. */
    this.cell = new Cell({ value: null, state: 'loading', error: null });
    this.isStarted = false;
  }

  start() {
    if (!this.isStarted) this.renew();
  }

  async renew() {
    this.isStarted = true;
    if (this.cell.value.state === 'failed') this.cell.merge({ state: 'loading', error: null });
    await this.#read();
  }

  // Says that it failed till it is there, even while it is tried again.
  async #read() {
    try {
      this.cell.set({ value: await this.load(), state: 'ready', error: null });
    } catch (error) {
      this.cell.merge({ state: 'failed', error });
      if (!healing.mayPass(error)) return;
      await healing.turn();
      if (this.cell.value.state === 'failed') this.#read();
    }
  }
}
