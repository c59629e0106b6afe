/** A value that changes, in the form that React's useSyncExternalStore takes. */
export interface Store<Value> {
  /** The same object until it changes. */
  readonly get: () => Value;
  /** Calls `changed` after each change, until the returned function is called. */
  readonly subscribe: (changed: (value: Value) => void) => () => void;
}

/** A store that its owner sets. `onUse` runs with the first subscriber, and what it returns after the last. */
export class Cell<Value> implements Store<Value> {
  #value: Value;
  readonly #watchers = new Set<(value: Value) => void>();
  readonly #onUse: (() => () => void) | undefined;
  #unuse: (() => void) | undefined;

  constructor(value: Value, onUse?: () => () => void) {
    this.#value = value;
    this.#onUse = onUse;
  }

  readonly get = (): Value => this.#value;

  readonly subscribe = (changed: (value: Value) => void): (() => void) => {
    // Each subscription is its own, also of the same function.
    const watcher = (value: Value): void => changed(value);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#unuse = this.#onUse?.();
    return () => {
      if (!this.#watchers.delete(watcher) || this.#watchers.size) return;
      this.#unuse?.();
      this.#unuse = undefined;
    };
  };

  set(value: Value): void {
    if (value === this.#value) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }
}
