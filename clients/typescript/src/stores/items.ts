// The items of a timeline, newest first, each once. Nothing here waits: what comes in is in its place when the call returns.
// The pages that were read reach down to a floor, which stays where it is when the last item is removed.
import type { Tweet, TimelineEdge } from '../generated.js';

export type ChangeTweet = (tweet: Tweet) => Tweet;

export class Items {
  #edges: readonly TimelineEdge[] = [];
  /** By id, in milliseconds; null for what has no time. To parse a thousand dates takes longer than all else. */
  readonly #times = new Map<string, number | null>();
  /** Null where a page ended below its last item, or had none: then any item may be one of those that were read. */
  #floor: number | null = null;

  get edges(): readonly TimelineEdge[] {
    return this.#edges;
  }

  has(nodeId: string): boolean {
    return this.#times.has(nodeId);
  }

  clear(): void {
    this.#edges = [];
    this.#times.clear();
    this.#floor = null;
  }

  /** Puts an older page, which reaches down to the cursor `end`, below all that is newer. */
  append(edges: readonly TimelineEdge[], end: string | null): void {
    const all = this.#edges.slice();
    for (const edge of edges) {
      if (!isKnown(edge) || this.#times.has(edge.node.id)) continue;
      all.splice(this.#placeOf(edge, all, (other, at) => other < at), 0, edge);
      this.#times.set(edge.node.id, timeOf(edge.node));
    }
    this.#edges = all;
    const last = edges.at(-1);
    this.#floor = last?.cursor === end ? timeOf(last!.node) : null;
  }

  /** Leaves out what was taken in while the floor was not known, and lies below: it comes with a later page. */
  cut(): void {
    const floor = this.#floor;
    if (floor === null) return;
    for (const { node } of this.#edges) if ((timeOf(node) ?? floor) < floor) this.remove(node.id);
  }

  /** Puts an edge at its place, or in that of the same item. Below the last of an unfinished list it is left out. */
  insert(edge: TimelineEdge, isComplete: boolean): void {
    if (this.#times.has(edge.node.id)) {
      this.#edges = this.#edges.map((one) => (one.node.id === edge.node.id ? edge : one));
      return;
    }
    if (!isKnown(edge)) return;
    const at = timeOf(edge.node);
    if (!isComplete && at !== null && this.#floor !== null && at < this.#floor) return;
    const edges = this.#edges.slice();
    edges.splice(this.#placeOf(edge, edges, (other) => other <= at!), 0, edge);
    this.#times.set(edge.node.id, at);
    this.#edges = edges;
  }

  remove(nodeId: string): void {
    if (this.#times.delete(nodeId)) this.#edges = this.#edges.filter(({ node }) => node.id !== nodeId);
  }

  /** Changes a tweet wherever it is shown. */
  change(tweetId: string, change: ChangeTweet): void {
    this.#edges = changed(this.#edges, tweetId, change);
  }

  // Advertisements have no time: they stay between their neighbours. Of equal times that of an event comes first, and
  // those of a page keep their order.
  #placeOf({ node }: TimelineEdge, edges: readonly TimelineEdge[], isBelow: (other: number, at: number) => boolean): number {
    const at = timeOf(node);
    const place = edges.findIndex((other) => {
      const otherAt = this.#times.get(other.node.id) ?? null;
      return otherAt !== null && at !== null && isBelow(otherAt, at);
    });
    return place < 0 ? edges.length : place;
  }
}

// A newer server may have other kinds of items.
function isKnown({ node }: TimelineEdge): boolean {
  return ['Tweet', 'Retweet', 'PromotedTweet'].includes(node.__typename);
}

/** The same list where the tweet is not in it. */
export function changed(edges: readonly TimelineEdge[], tweetId: string, change: ChangeTweet): readonly TimelineEdge[] {
  let copy: TimelineEdge[] | null = null;
  for (const [index, edge] of edges.entries()) {
    const tweet = tweetOf(edge);
    if (tweet.id !== tweetId) continue;
    const next = change(tweet);
    if (next === tweet) continue;
    copy ??= edges.slice();
    copy[index] = withTweet(edge, next);
  }
  return copy ?? edges;
}

/** The tweet that an edge shows: its node, or that of a retweet or an advertisement. */
export function tweetOf({ node }: TimelineEdge): Tweet {
  return node.__typename === 'Tweet' ? node : node.tweet;
}

function withTweet(edge: TimelineEdge, tweet: Tweet): TimelineEdge {
  const { node } = edge;
  return { ...edge, node: node.__typename === 'Tweet' ? { ...tweet, __typename: 'Tweet' } : { ...node, tweet } };
}

function timeOf(node: TimelineEdge['node']): number | null {
  return node.__typename === 'PromotedTweet' ? null : Date.parse(node.createdAt);
}
