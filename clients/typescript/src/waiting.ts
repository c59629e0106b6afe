/** Waits that grow from a quarter of a second to eight seconds, spread so that clients do not come all at once. */
export class Backoff {
  #tries = 0;

  reset(): void {
    this.#tries = 0;
  }

  next(): number {
    const wait = Math.min(250 * 2 ** this.#tries, 8_000);
    this.#tries += 1;
    return wait * (0.8 + 0.4 * Math.random());
  }
}

export function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
