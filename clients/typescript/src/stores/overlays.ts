// What acts of one's own change before the server has answered. The rows of the server are kept as they are, so that a
// refused act leaves nothing behind, whatever came in meanwhile.
import type { Tweet, TimelineEdge } from '../generated.js';
import { changed, type ChangeTweet } from './items.js';

/** A store that shows tweets. */
export interface Shows {
  /** Takes a newer row of the server. */
  change(tweetId: string, change: ChangeTweet): void;
  /** Hears that a tweet was deleted, or may not be seen any more. */
  gone(tweetId: string): void;
  /** Shows anew, since overlays have changed. */
  refresh(): void;
}

export class Overlays {
  readonly #changes = new Map<string, Set<ChangeTweet>>();
  readonly #shown = new Set<Shows>();

  /** Tells a store of all changes, until the returned function is called. */
  join(store: Shows): () => void {
    this.#shown.add(store);
    return () => this.#shown.delete(store);
  }

  /** Lays a change over a tweet, until the returned function is called. */
  lay(tweetId: string, change: ChangeTweet): () => void {
    const changes = this.#changes.get(tweetId) ?? new Set();
    this.#changes.set(tweetId, changes.add(change));
    this.#refresh();
    return () => {
      changes.delete(change);
      if (!changes.size && this.#changes.get(tweetId) === changes) this.#changes.delete(tweetId);
      this.#refresh();
    };
  }

  /** Hands a newer row to all stores. */
  change(tweetId: string, change: ChangeTweet): void {
    for (const store of this.#shown) store.change(tweetId, change);
  }

  gone(tweetId: string): void {
    for (const store of this.#shown) store.gone(tweetId);
  }

  over(tweet: Tweet): Tweet {
    return [...(this.#changes.get(tweet.id) ?? [])].reduce((row, change) => change(row), tweet);
  }

  overAll(edges: readonly TimelineEdge[]): readonly TimelineEdge[] {
    let shown = edges;
    for (const id of this.#changes.keys()) shown = changed(shown, id, (tweet) => this.over(tweet));
    return shown;
  }

  #refresh(): void {
    for (const store of this.#shown) store.refresh();
  }
}
