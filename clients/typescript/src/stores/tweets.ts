// Tweets on screen, with counts that stay current: all who watch share a few streams of up to a hundred tweets each.
import { TWEET_UPDATES, type Tweet, type TweetUpdatesData } from '../generated.js';
import type { Live } from '../live/live.js';
import { Cell, type Store } from '../store.js';
import type { ChangeTweet } from './items.js';
import type { Overlays, Shows } from './overlays.js';

const MOST_IDS = 100;
const MOST_STREAMS = 6;
const GATHER_MS = 50;

interface Group {
  readonly ids: readonly string[];
  readonly stop: () => void;
}

export class Watch {
  readonly #uses = new Map<string, number>();
  #groups: Group[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly live: Live,
    private readonly overlays: Overlays,
  ) {}

  /** Keeps these tweets current in all stores, until the returned function is called. */
  watch(ids: readonly string[]): () => void {
    const watched = ids.filter((id) => !id.startsWith('pending:'));
    for (const id of watched) this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
    this.#gather();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const id of watched) this.#release(id);
      this.#gather();
    };
  }

  #release(id: string): void {
    const uses = (this.#uses.get(id) ?? 1) - 1;
    if (uses) this.#uses.set(id, uses);
    else this.#uses.delete(id);
  }

  // Whoever scrolls changes them many times at a moment.
  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#regroup();
    }, GATHER_MS);
  }

  #regroup(): void {
    this.#groups = this.#groups.filter((group) => group.ids.some((id) => this.#uses.has(id)) || group.stop());
    if (this.#groups.length >= MOST_STREAMS) this.#stopAll();
    const followed = new Set(this.#groups.flatMap(({ ids }) => ids));
    const missing = [...this.#uses.keys()].filter((id) => !followed.has(id));
    for (let index = 0; index < missing.length; index += MOST_IDS) this.#follow(missing.slice(index, index + MOST_IDS));
  }

  #stopAll(): void {
    for (const group of this.#groups) group.stop();
    this.#groups = [];
  }

  #follow(ids: readonly string[]): void {
    const next = ({ tweetUpdates }: TweetUpdatesData): void => this.#happened(tweetUpdates);
    const group: Group = {
      ids,
      stop: this.live.follow(TWEET_UPDATES, () => ({ ids }), {
        next,
        failed: () => (this.#groups = this.#groups.filter((one) => one !== group)),
      }),
    };
    this.#groups.push(group);
  }

  #happened({ tweetId, tweet }: TweetUpdatesData['tweetUpdates']): void {
    if (tweet) this.overlays.change(tweetId, () => tweet);
    else this.overlays.gone(tweetId);
  }
}

export interface TweetView {
  readonly tweet: Tweet | null;
  readonly status: 'loading' | 'ready' | 'gone' | 'failed';
}

/** One tweet, read and followed as long as there is a subscriber. */
export class LiveTweet implements Store<TweetView>, Shows {
  readonly #cell: Cell<TweetView>;
  #base: Tweet | null = null;
  #isUsed = false;

  constructor(
    private readonly id: string,
    private readonly read: (id: string) => Promise<Tweet | null>,
    watch: Watch,
    private readonly overlays: Overlays,
  ) {
    this.#cell = new Cell<TweetView>({ tweet: null, status: 'loading' }, () => {
      const leave = overlays.join(this);
      const unwatch = watch.watch([id]);
      this.#isUsed = true;
      void this.#load();
      return () => {
        this.#isUsed = false;
        leave();
        unwatch();
      };
    });
  }

  readonly get = (): TweetView => this.#cell.get();
  readonly subscribe = (changed: (view: TweetView) => void): (() => void) => this.#cell.subscribe(changed);

  change(tweetId: string, change: ChangeTweet): void {
    if (tweetId !== this.id || !this.#base) return;
    this.#base = change(this.#base);
    this.refresh();
  }

  gone(tweetId: string): void {
    if (tweetId !== this.id) return;
    this.#base = null;
    this.#cell.set({ tweet: null, status: 'gone' });
  }

  /** Shows nothing that somebody else might see. */
  forget(): void {
    this.#base = null;
    this.#cell.set({ tweet: null, status: 'loading' });
    if (this.#isUsed) void this.#load();
  }

  refresh(): void {
    if (this.#base) this.#cell.set({ tweet: this.overlays.over(this.#base), status: 'ready' });
  }

  async #load(): Promise<void> {
    try {
      const tweet = await this.read(this.id);
      if (!tweet) return this.gone(this.id);
      this.#base = tweet;
      this.refresh();
    } catch {
      this.#cell.set({ ...this.get(), status: 'failed' });
    }
  }
}
