// A list that is read page by page.
import { Cell } from './cell.js';
import { healing } from './healing.js';

/** States of a list: 'idle', 'loading', 'ready', 'failed'. */
const EMPTY = { edges: [], state: 'idle', error: null, hasMore: true, after: null };

export class Pages {
  /** `load(after)` resolves to a connection; `take(edge)` keeps what it shows; `keyOf(edge)` tells doubles. */
  constructor({ load, take = () => {}, keyOf = (edge) => edge.node.id }) {
    this.load = load;
    this.take = take;
    this.keyOf = keyOf;
    this.cell = new Cell(EMPTY);
    this.turn = 0;
  }

  /** Loads the first page, once. */
  start() {
    if (this.cell.value.state === 'idle') this.more();
  }

  async more() {
    const { state, hasMore } = this.cell.value;
    if (state === 'loading' || !hasMore) return;
    this.cell.merge({ state: 'loading', error: null });
    await this.#next();
  }

  /** Forgets what there is and loads the first page; what is shown stays till it is there. Resolves to whether it came. */
  async renew() {
    const turn = (this.turn += 1);
    try {
      const connection = await this.load(null);
      if (turn !== this.turn) return false;
      this.cell.set({ ...EMPTY, state: 'loading' });
      this.#append(connection);
      return true;
    } catch (error) {
      this.#failed(error, turn, () => this.renew());
      return false;
    }
  }

  /** Resolves once the first page has come, or has not. */
  async settled() {
    if (!isDue(this.cell.value)) return;
    await new Promise((resolve) => {
      const unwatch = this.cell.watch((value) => {
        if (isDue(value)) return;
        unwatch();
        resolve();
      });
    });
  }

  prepend(edges) {
    const known = this.#keys();
    edges.forEach(this.take);
    const fresh = edges.filter((edge) => !known.has(this.keyOf(edge)));
    this.cell.merge({ edges: [...fresh, ...this.cell.value.edges] });
  }

  /** Keeps the edges that `keeps` is true of. */
  filter(keeps) {
    const edges = this.cell.value.edges.filter(keeps);
    if (edges.length !== this.cell.value.edges.length) this.cell.merge({ edges });
  }

  async #next() {
    const turn = this.turn;
    try {
      const connection = await this.load(this.cell.value.after);
      if (turn === this.turn) this.#append(connection);
    } catch (error) {
      this.#failed(error, turn, () => this.#next());
    }
  }

  // Says so till it is there, even while it is tried again.
  async #failed(error, turn, again) {
    if (turn !== this.turn) return;
    this.cell.merge({ state: 'failed', error });
    if (!healing.mayPass(error)) return;
    await healing.turn();
    if (turn === this.turn && this.cell.value.state === 'failed') again();
  }

  #append({ edges, pageInfo }) {
    const known = this.#keys();
    edges.forEach(this.take);
    const fresh = edges.filter((edge) => !known.has(this.keyOf(edge)));
    this.cell.merge({
      edges: [...this.cell.value.edges, ...fresh],
      state: 'ready',
      hasMore: pageInfo.hasNextPage,
      after: pageInfo.endCursor ?? this.cell.value.after,
    });
  }

  #keys() {
    return new Set(this.cell.value.edges.map(this.keyOf));
  }
}

function isDue({ state, edges }) {
  return state === 'idle' || (state === 'loading' && !edges.length);
}

/** A connection of something that may be gone. */
export function connectionOf(connection) {
  return connection ?? { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
}
