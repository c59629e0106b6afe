import { Acts, type Begin, retried } from './acts.js';
import { Replaced, RookeryError, SignedOut } from './errors.js';
import {
  DELETE_TWEET,
  FOLLOW,
  HOME_TIMELINE,
  HOME_TIMELINE_EVENTS,
  LIST_EVENTS,
  LIST_TIMELINE,
  LOGIN,
  LOGOUT,
  MARK_NOTIFICATIONS_READ,
  ME,
  NOTIFICATION_EVENTS,
  NOTIFICATIONS,
  POST_TWEET,
  REGISTER,
  TWEET_BY_ID,
  UNFOLLOW,
  type LoginInput,
  type NotificationFilter,
  type PostTweetInput,
  type Profile,
  type RegisterInput,
  type TimelineEdge,
  type Tokens,
  type Tweet,
  type UserError,
} from './generated.js';
import { done, Http } from './http.js';
import { type Connection, Live, type Sink } from './live/live.js';
import type { Document } from './operation.js';
import { memoryStorage, Session, type TokenStorage, unique } from './session.js';
import type { Store } from './store.js';
import { Notifications } from './stores/notifications.js';
import { Overlays } from './stores/overlays.js';
import { Timeline, type TimelineSource } from './stores/timeline.js';
import { LiveTweet, Watch } from './stores/tweets.js';
import { type Uploaded, type UploadOptions, Uploads } from './uploads.js';

export interface RookeryOptions {
  /** The address of /graphql. */
  readonly url: string;
  /** Where tokens lie: localStorage in a browser, else memory. */
  readonly storage?: TokenStorage;
  readonly fetch?: typeof globalThis.fetch;
  /** An implementation of WebSocket; null for server-sent events alone. */
  readonly webSocket?: typeof WebSocket | null;
  readonly now?: () => number;
}

type Signing = { readonly tokens: Tokens | null; readonly userErrors: readonly UserError[] };

/** A server, the person who is signed in there, and all that is shown of it. */
export class Rookery {
  readonly acts: Acts;
  readonly #http: Http;
  readonly #session: Session;
  readonly #live: Live;
  readonly #overlays = new Overlays();
  readonly #watch: Watch;
  readonly #uploads: Uploads;
  readonly #stores = new Map<string, Timeline | Notifications | LiveTweet>();
  #me: Promise<Profile> | null = null;

  constructor(options: RookeryOptions) {
    const fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#http = new Http(options.url, fetch);
    this.#session = new Session(this.#http, {
      storage: options.storage ?? (typeof localStorage === 'undefined' ? memoryStorage() : localStorage),
      key: `rookery ${options.url}`,
      locks: typeof navigator === 'undefined' ? undefined : navigator.locks,
      now: options.now ?? Date.now,
      onOther: () => this.#forget(),
    });
    this.#live = new Live(this.#http, this.#session, options.webSocket === undefined ? (globalThis.WebSocket ?? null) : options.webSocket);
    this.#watch = new Watch(this.#live, this.#overlays);
    this.acts = new Acts(this.ask, this.#overlays, this.#begin);
    this.#uploads = new Uploads(this.ask, fetch, options.url);
  }

  /** The access token, or null where nobody is signed in; the same in all tabs. */
  get signedIn(): Store<string | null> {
    return this.#session.tokens;
  }

  /** Whether events come in. */
  get connection(): Store<Connection> {
    return this.#live.status;
  }

  /** Rejects with Refused where login or password is wrong. */
  async signIn(login: string, password: string, device?: LoginInput['device']): Promise<void> {
    const input = { login, password, ...(device ? { device } : {}) };
    this.#signedIn(done((await this.#http.post(LOGIN, { input }, null)).login));
  }

  /** Makes an account, and signs in. Rejects with Refused; with SignedOut where an address must be verified first. */
  async register(input: RegisterInput): Promise<void> {
    this.#signedIn(done((await this.#http.post(REGISTER, { input }, null)).register));
  }

  /** Takes tokens that were got elsewhere. */
  use(tokens: Tokens): void {
    this.#session.begin(tokens);
  }

  /** Ends the session here and at the server, in all tabs. */
  async signOut(): Promise<void> {
    try {
      await this.ask(LOGOUT, {});
    } finally {
      this.#session.end();
    }
  }

  /** The data of a query or mutation. A token that was refused is renewed once. Rejects with a RookeryError. */
  readonly ask = async <Data, Variables>(document: Document<Data, Variables>, variables: Variables): Promise<Data> => {
    const { mark } = this.#session;
    const token = await this.#session.token();
    try {
      return await this.#http.post(document, variables, token);
    } catch (error) {
      if (!(error instanceof SignedOut) || !token) throw error;
      const renewed = await this.#session.renew(token);
      if (this.#session.mark !== mark) throw new Replaced();
      return this.#http.post(document, variables, renewed);
    }
  };

  /** Follows any subscription, until the returned function is called; `variables` is asked at each new connection. */
  follow<Data, Variables>(document: Document<Data, Variables>, variables: () => Variables, sink: Sink<Data>): () => void {
    return this.#live.follow(document, variables, sink);
  }

  /** The signed-in person, read once. Rejects with SignedOut. */
  me(): Promise<Profile> {
    this.#me ??= this.#readMe().catch((error: unknown) => {
      this.#me = null;
      throw error;
    });
    return this.#me;
  }

  /** The home timeline, live; the same store at each call. */
  homeTimeline(): Timeline {
    return this.#timeline('home', {
      page: async (first, after) => (await this.ask(HOME_TIMELINE, { first, after })).homeTimeline,
      follow: (after, next, failed) =>
        this.follow(HOME_TIMELINE_EVENTS, () => ({ after: after() }), {
          next: (data) => next(data.homeTimelineEvents),
          failed,
        }),
    });
  }

  /** The timeline of a list, live; the same store at each call. */
  listTimeline(id: string): Timeline {
    return this.#timeline(`list ${id}`, {
      page: async (first, after) => {
        const { list } = await this.ask(LIST_TIMELINE, { id, first, after });
        if (!list) throw new RookeryError('NOT_FOUND', 'there is no such list');
        return list.timeline;
      },
      follow: (after, next, failed) =>
        this.follow(LIST_EVENTS, () => ({ id, after: after() }), { next: (data) => next(data.listEvents), failed }),
    });
  }

  /** Notifications, live; the same store at each call with this filter. */
  notifications(filter: NotificationFilter = 'ALL'): Notifications {
    return this.#store(`notifications ${filter}`, () => {
      return new Notifications({
        page: async (first, after) => (await this.ask(NOTIFICATIONS, { first, after, filter })).notifications,
        follow: (after, next, failed) =>
          this.follow(NOTIFICATION_EVENTS, () => ({ after: after() }), {
            next: (data) => next(data.notificationEvents),
            failed,
          }),
      });
    });
  }

  /** Marks notifications as read, up to a cursor or all, on all devices. */
  async markNotificationsRead(upTo: string | null = null): Promise<void> {
    const act = async () => done((await this.ask(MARK_NOTIFICATIONS_READ, { upTo })).markNotificationsRead);
    const { unreadCount } = await this.#begin()(act);
    for (const store of this.#stores.values()) {
      if (store instanceof Notifications && unreadCount !== null) store.counted(unreadCount);
    }
  }

  /** One tweet with counts that stay current; the same store at each call. */
  tweet(id: string): LiveTweet {
    const read = async (): Promise<Tweet | null> => (await this.ask(TWEET_BY_ID, { id })).tweet;
    return this.#store(`tweet ${id}`, () => new LiveTweet(id, read, this.#watch, this.#overlays));
  }

  /** Keeps counts of these tweets current in all stores, until the returned function is called: those on screen. */
  watch(tweetIds: readonly string[]): () => void {
    return this.#watch.watch(tweetIds);
  }

  /** Posts a tweet once, however often the connection is lost; it shows in the home timeline at once. */
  async post(input: PostTweetInput): Promise<Tweet> {
    const idempotencyKey = input.idempotencyKey ?? unique();
    const settle = input.inReplyTo ? () => {} : this.homeTimeline().expect(pendingEdge(input, await this.me(), idempotencyKey));
    try {
      const act = async () => done((await this.ask(POST_TWEET, { input: { ...input, idempotencyKey } })).postTweet);
      const { tweet } = await this.#begin()(act);
      if (!tweet) throw new RookeryError('INTERNAL', 'the server named no tweet');
      settle(tweet.id);
      return tweet;
    } catch (error) {
      settle(null);
      throw error;
    }
  }

  async deleteTweet(id: string): Promise<void> {
    await this.#begin()(async () => done((await this.ask(DELETE_TWEET, { id })).deleteTweet));
    this.#overlays.gone(id);
  }

  async followUser(userId: string): Promise<Profile | null> {
    return (await this.#begin()(async () => done((await this.ask(FOLLOW, { userId })).follow))).user;
  }

  async unfollowUser(userId: string): Promise<Profile | null> {
    return (await this.#begin()(async () => done((await this.ask(UNFOLLOW, { userId })).unfollow))).user;
  }

  /** Hands a picture's bytes to the server. */
  upload(file: Blob, options?: UploadOptions): Promise<Uploaded> {
    return this.#uploads.upload(file, options);
  }

  /** Ends all streams. */
  close(): void {
    this.#live.close();
    this.#session.close();
  }

  readonly #begin: Begin = () => {
    const { mark } = this.#session;
    return (act) =>
      retried(async () => {
        if (this.#session.mark !== mark) throw new Replaced();
        return act();
      });
  };

  #signedIn({ tokens }: Signing): void {
    if (!tokens) throw new SignedOut('the address must be verified first');
    this.use(tokens);
  }

  // What was another person's, in this tab or in another one.
  #forget(): void {
    this.#me = null;
    for (const store of this.#stores.values()) store.forget();
    this.#live.cut();
  }

  async #readMe(): Promise<Profile> {
    let { viewer } = await this.ask(ME, {});
    const token = await this.#session.token();
    // A token that ran out is nobody's, and no error.
    if (!viewer && token) {
      await this.#session.renew(token);
      ({ viewer } = await this.ask(ME, {}));
    }
    if (!viewer) throw new SignedOut();
    return viewer.user;
  }

  #timeline(key: string, source: TimelineSource): Timeline {
    return this.#store(key, () => new Timeline(source, this.#overlays));
  }

  #store<Kept extends Timeline | Notifications | LiveTweet>(key: string, make: () => Kept): Kept {
    const known = this.#stores.get(key) as Kept | undefined;
    if (known) return known;
    const store = make();
    this.#stores.set(key, store);
    return store;
  }
}

function pendingEdge(input: PostTweetInput, author: Profile, key: string): TimelineEdge {
  const id = `pending:${key}`;
  const counts = { likeCount: 0, retweetCount: 0, quoteCount: 0, replyCount: 0 };
  const marks = { viewerHasLiked: false, viewerHasRetweeted: false, viewerHasBookmarked: false };
  const words = { text: input.text, createdAt: new Date().toISOString(), lang: null, device: input.device?.kind ?? 'WEB' };
  const place = { isReply: false, conversationId: id, inReplyTo: null, quoted: null };
  const entities = { mentions: [], hashtags: [], urls: [] };
  const node = { ...counts, ...marks, ...words, ...place, id, author, entities, media: [], __typename: 'Tweet' as const };
  return { cursor: '', reason: 'SELF', node };
}
