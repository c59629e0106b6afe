// The first trends, followed live while somebody looks at them.
import { TRENDS, TREND_UPDATES } from '../api/documents/finding.js';
import { Cell } from '../store/cell.js';
import { patiently } from '../store/healing.js';

const FIRST = 10;

export class TrendFeed {
  #watchers = 0;
  #stop = null;

  constructor(desk) {
    this.desk = desk;
    /** {trends, state: 'loading', 'ready' or 'failed'} */
    this.cell = new Cell({ trends: [], state: 'loading' });
  }

  /** Follows them till the returned function is called. */
  watch() {
    this.#watchers += 1;
    if (!this.#stop) this.#start();
    return () => {
      this.#watchers -= 1;
      if (!this.#watchers) this.stop();
    };
  }

  stop() {
    this.#stop?.();
    this.#stop = null;
  }

  async #start() {
    let isWanted = true;
    let unfollow = () => {};
    this.#stop = () => {
      isWanted = false;
      unfollow();
    };
    await this.desk.settled();
    if (!isWanted) return;
    unfollow = this.desk.socket.follow(
      TREND_UPDATES,
      () => ({ first: FIRST }),
      ({ trendUpdates }) => this.cell.set({ trends: trendUpdates, state: 'ready' }),
    );
    try {
      const answer = await patiently(() => this.desk.api.ask(TRENDS, { first: FIRST }), () => isWanted);
      if (answer) this.cell.set({ trends: answer.trends, state: 'ready' });
    } catch {
      if (this.cell.value.state === 'loading') this.cell.merge({ state: 'failed' });
    }
  }
}
