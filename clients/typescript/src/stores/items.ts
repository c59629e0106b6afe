// The items of a timeline, newest first, each once. Nothing here waits: what comes in is in its place when the call returns.
import type { Tweet, TimelineEdge } from '../generated.js';

export type ChangeTweet = (tweet: Tweet) => Tweet;

export class Items {
  #edges: readonly TimelineEdge[] = [];
  /** By id, in milliseconds; null for what has no time. To parse a thousand dates takes longer than all else. */
  readonly #times = new Map<string, number | null>();

  get edges(): readonly TimelineEdge[] {
    return this.#edges;
  }

  has(nodeId: string): boolean {
    return this.#times.has(nodeId);
  }

  clear(): void {
    this.#edges = [];
    this.#times.clear();
  }

  /** Puts an older page below. */
  append(edges: readonly TimelineEdge[]): void {
    const more = edges.filter((edge) => isKnown(edge) && !this.#times.has(edge.node.id));
    for (const { node } of more) this.#times.set(node.id, timeOf(node));
    this.#edges = [...this.#edges, ...more];
  }

  /** Puts an edge at its place, or in that of the same item. Below the last of an unfinished list it is left out. */
  insert(edge: TimelineEdge, isComplete: boolean): void {
    if (this.#times.has(edge.node.id)) {
      this.#edges = this.#edges.map((one) => (one.node.id === edge.node.id ? edge : one));
      return;
    }
    const place = this.#placeOf(edge);
    if (!isKnown(edge) || (place === this.#edges.length && !isComplete)) return;
    this.#times.set(edge.node.id, timeOf(edge.node));
    const edges = this.#edges.slice();
    edges.splice(place, 0, edge);
    this.#edges = edges;
  }

  remove(nodeId: string): void {
    if (this.#times.delete(nodeId)) this.#edges = this.#edges.filter(({ node }) => node.id !== nodeId);
  }

  /** Changes a tweet wherever it is shown. */
  change(tweetId: string, change: ChangeTweet): void {
    this.#edges = changed(this.#edges, tweetId, change);
  }

  // Advertisements have no time: they stay between their neighbours.
  #placeOf({ node }: TimelineEdge): number {
    const at = timeOf(node);
    const place = this.#edges.findIndex((other) => {
      const otherAt = this.#times.get(other.node.id) ?? null;
      return otherAt !== null && at !== null && otherAt <= at;
    });
    return place < 0 ? this.#edges.length : place;
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
