// Acts that show before the server has answered, and are taken back where it refuses.
import { isPassing } from './errors.js';
import {
  BOOKMARK,
  LIKE,
  RETWEET,
  UNBOOKMARK,
  UNLIKE,
  UNRETWEET,
  type Counts,
  type LikeVariables,
  type Tweet,
  type UserError,
} from './generated.js';
import { done } from './http.js';
import type { Document } from './operation.js';
import type { ChangeTweet } from './stores/items.js';
import type { Overlays } from './stores/overlays.js';
import { Backoff, passed } from './waiting.js';

const TRIES = 6;

/** Takes note of who is signed in, and returns what tries their acts again. */
export type Begin = () => <Result>(act: () => Promise<Result>) => Promise<Result>;
export type Ask = <Data, Variables>(document: Document<Data, Variables>, variables: Variables) => Promise<Data>;

interface CountsPayload {
  readonly tweet: Counts | null;
  readonly userErrors: readonly UserError[];
}
type Mark = 'viewerHasLiked' | 'viewerHasRetweeted' | 'viewerHasBookmarked';
type Count = 'likeCount' | 'retweetCount';

export class Acts {
  /** The last act on each tweet: they happen in the order in which they were asked for. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(
    private readonly ask: Ask,
    private readonly overlays: Overlays,
    private readonly begin: Begin,
  ) {}

  like(tweetId: string): Promise<void> {
    return this.#mark(tweetId, 'viewerHasLiked', true, 'likeCount', async (of) => (await this.ask(LIKE, of)).like);
  }

  unlike(tweetId: string): Promise<void> {
    return this.#mark(tweetId, 'viewerHasLiked', false, 'likeCount', async (of) => (await this.ask(UNLIKE, of)).unlike);
  }

  retweet(tweetId: string): Promise<void> {
    const send = async (of: LikeVariables): Promise<CountsPayload> => (await this.ask(RETWEET, of)).retweet;
    return this.#mark(tweetId, 'viewerHasRetweeted', true, 'retweetCount', send);
  }

  unretweet(tweetId: string): Promise<void> {
    const send = async (of: LikeVariables): Promise<CountsPayload> => (await this.ask(UNRETWEET, of)).unretweet;
    return this.#mark(tweetId, 'viewerHasRetweeted', false, 'retweetCount', send);
  }

  bookmark(tweetId: string): Promise<void> {
    const send = async (of: LikeVariables): Promise<CountsPayload> => (await this.ask(BOOKMARK, of)).bookmark;
    return this.#mark(tweetId, 'viewerHasBookmarked', true, null, send);
  }

  unbookmark(tweetId: string): Promise<void> {
    const send = async (of: LikeVariables): Promise<CountsPayload> => (await this.ask(UNBOOKMARK, of)).unbookmark;
    return this.#mark(tweetId, 'viewerHasBookmarked', false, null, send);
  }

  async #mark(
    tweetId: string,
    mark: Mark,
    value: boolean,
    count: Count | null,
    send: (variables: LikeVariables) => Promise<CountsPayload>,
  ): Promise<void> {
    const lift = this.overlays.lay(tweetId, marked(mark, value, count));
    const before = this.#last.get(tweetId) ?? Promise.resolve();
    const again = this.begin();
    const act = before.catch(() => {}).then(() => again(async () => done(await send({ tweetId }))));
    this.#last.set(tweetId, act);
    try {
      const { tweet } = await act;
      if (tweet) this.overlays.change(tweetId, (row) => ({ ...row, ...tweet }));
    } finally {
      lift();
      if (this.#last.get(tweetId) === act) this.#last.delete(tweetId);
    }
  }
}

/** Tries an act that may be done twice again, while the server is away for a moment. */
export async function retried<Result>(act: () => Promise<Result>): Promise<Result> {
  const backoff = new Backoff();
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries === TRIES || !isPassing(error)) throw error;
    }
    await passed(backoff.next());
  }
}

// What already is so stays as it is: the row may be newer than the act.
function marked(mark: Mark, value: boolean, count: Count | null): ChangeTweet {
  return (row: Tweet) => {
    if (row[mark] === value) return row;
    const counts = count ? { [count]: Math.max(0, row[count] + (value ? 1 : -1)) } : {};
    return { ...row, ...counts, [mark]: value };
  };
}
