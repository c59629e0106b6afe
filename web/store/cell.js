// A value that tells who watches it when it changes: all state of the page lies in cells.
import { useLayoutEffect, useState } from '../vendor/hooks.js';

export class Cell {
  #watchers = new Set();

  constructor(value) {
    this.value = value;
  }

  set(value) {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  /** Merges `change` into a value that is an object. */
  merge(change) {
    this.set({ ...this.value, ...change });
  }

  /** Returns what ends the watching. */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** The value of a cell; the component is rendered again when it changes. */
export function useCell(cell) {
  const [, renew] = useState(0);
  const seen = cell.value;
  useLayoutEffect(() => {
    const renewed = () => renew((count) => count + 1);
    if (!Object.is(seen, cell.value)) renewed();
    return cell.watch(renewed);
  }, [cell]);
  return cell.value;
}
