// A timeline as it is, and stays, at the server: a page, all that happens from its headCursor on, and older pages.
import { isPassing, RookeryError } from '../errors.js';
import type { TimelineEdge, TimelineEvent, TimelinePage, TimelineState } from '../generated.js';
import { Cell, type Store } from '../store.js';
import { Backoff } from '../waiting.js';
import { type ChangeTweet, Items, tweetOf } from './items.js';
import type { Overlays, Shows } from './overlays.js';

const PAGE = 20;
const PENDING_MS = 10_000;

export interface TimelineView {
  /** `loading` until the first page is there, `failed` where it can't be read. */
  readonly status: 'loading' | 'ready' | 'failed';
  /** Newest first, each item once. Those of posts that are on their way have ids that begin with `pending:`. */
  readonly edges: readonly TimelineEdge[];
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  /** What the server says of the page. */
  readonly state: TimelineState;
  readonly error: RookeryError | null;
}

/** How a timeline is read and followed. */
export interface TimelineSource {
  page(first: number, after: string | null): Promise<TimelinePage>;
  follow(
    after: () => string | null,
    next: (event: TimelineEvent) => void,
    failed: (error: RookeryError) => void,
  ): () => void;
}

const NOTHING: TimelineView = {
  status: 'loading',
  edges: [],
  hasMore: true,
  isLoadingMore: false,
  state: 'READY',
  error: null,
};

export class Timeline implements Store<TimelineView>, Shows {
  readonly #cell: Cell<TimelineView>;
  readonly #items = new Items();
  readonly #backoff = new Backoff();
  #pending: readonly TimelineEdge[] = [];
  #cursor: string | null = null;
  #end: string | null = null;
  /** Events that came while an older page is read, which may be of a moment before or after them. */
  #meanwhile: TimelineEvent[] | null = null;
  /** Grows with each reading from the top: what an earlier one still brings is dropped. */
  #reading = 0;
  #unfollow: (() => void) | null = null;
  #isUsed = false;

  constructor(
    private readonly source: TimelineSource,
    private readonly overlays: Overlays,
  ) {
    this.#cell = new Cell(NOTHING, () => this.#start());
    overlays.join(this);
  }

  readonly get = (): TimelineView => this.#cell.get();

  /** Reads and follows as long as there is a subscriber; with the next one it goes on from its cursor. */
  readonly subscribe = (changed: (view: TimelineView) => void): (() => void) => this.#cell.subscribe(changed);

  /** Reads the next older page; a second call joins the first. Rejects with a RookeryError. */
  async more(): Promise<void> {
    if (this.#meanwhile || this.get().status !== 'ready' || !this.get().hasMore) return;
    const reading = this.#reading;
    const meanwhile: TimelineEvent[] = (this.#meanwhile = []);
    this.#show({ isLoadingMore: true });
    try {
      const page = await this.source.page(PAGE, this.#end);
      // A page from the top stands in the place of all others, also where this one was asked for while that was read.
      if (reading !== this.#reading || this.#meanwhile !== meanwhile) return;
      const { endCursor, hasNextPage } = page.pageInfo;
      this.#end = endCursor ?? this.#end;
      this.#items.append(page.edges, this.#end);
      if (hasNextPage) this.#items.cut();
      for (const event of meanwhile) this.#change(event, !hasNextPage);
      this.#show({ hasMore: hasNextPage });
    } finally {
      if (this.#meanwhile === meanwhile) {
        this.#meanwhile = null;
        this.#show({ isLoadingMore: false });
      }
    }
  }

  /** Reads again from the top; what is shown stays until the page is there. */
  reload(): void {
    this.#stop();
    this.#cursor = null;
    if (this.#isUsed) this.#start();
  }

  /** Shows nothing of whoever was signed in before. */
  forget(): void {
    this.#stop();
    this.#cursor = null;
    this.#items.clear();
    this.#pending = [];
    this.#cell.set(NOTHING);
    if (this.#isUsed) this.#start();
  }

  /** Shows a post that is on its way above all items. */
  expect(edge: TimelineEdge): (tweetId: string | null) => void {
    this.#pending = [edge, ...this.#pending];
    this.#show({});
    const drop = (): void => {
      this.#pending = this.#pending.filter((one) => one.node.id !== edge.node.id);
      this.#show({});
    };
    return (tweetId) => {
      if (!tweetId || this.#items.has(tweetId) || !this.#isAwaited(edge)) drop();
      else this.#replace(edge, tweetId);
    };
  }

  change(tweetId: string, change: ChangeTweet): void {
    this.#items.change(tweetId, change);
    this.#show({});
  }

  /** Its own stream says what is in it. */
  gone(): void {}

  refresh(): void {
    this.#show({});
  }

  #start(): () => void {
    this.#isUsed = true;
    if (this.#cursor) this.#follow();
    else void this.#read((this.#reading += 1));
    return () => {
      this.#isUsed = false;
      this.#stop();
    };
  }

  #stop(): void {
    this.#reading += 1;
    this.#unfollow?.();
    this.#unfollow = null;
  }

  async #read(reading: number): Promise<void> {
    try {
      const page = await this.source.page(PAGE, null);
      if (reading === this.#reading) this.#took(page);
    } catch (error) {
      if (reading === this.#reading) this.#failed(error);
    }
  }

  #took(page: TimelinePage): void {
    this.#meanwhile = null;
    this.#items.clear();
    this.#items.append(page.edges, page.pageInfo.endCursor);
    this.#cursor = page.headCursor;
    this.#end = page.pageInfo.endCursor;
    this.#pending = this.#pending.filter(({ node }) => !this.#items.has(node.id));
    const { hasNextPage } = page.pageInfo;
    this.#show({ status: 'ready', state: page.state, hasMore: hasNextPage, isLoadingMore: false, error: null });
    this.#follow();
  }

  #follow(): void {
    this.#unfollow = this.source.follow(
      () => this.#cursor,
      (event) => this.#happened(event),
      (error) => this.#failed(error),
    );
  }

  #happened(event: TimelineEvent): void {
    this.#backoff.reset();
    switch (event.__typename) {
      case 'TimelineItemAdded':
        this.#cursor = event.cursor;
        this.#changed(event);
        this.#pending = this.#pending.filter((pending) => !isSame(pending, event.edge));
        this.#show({});
        break;
      case 'TimelineItemRemoved':
        this.#cursor = event.cursor;
        this.#changed(event);
        this.#show({});
        break;
      case 'TimelineReset':
        this.reload();
        break;
      default:
        this.#cursor = (event as { cursor?: string }).cursor ?? this.#cursor;
    }
  }

  #changed(event: TimelineEvent): void {
    this.#meanwhile?.push(event);
    this.#change(event, !this.get().hasMore);
  }

  #change(event: TimelineEvent, isComplete: boolean): void {
    if (event.__typename === 'TimelineItemAdded') this.#items.insert(event.edge, isComplete);
    else if (event.__typename === 'TimelineItemRemoved') this.#items.remove(event.nodeId);
  }

  // What passes is tried again; a stream that was refused begins again with a page, which says why where it is for good.
  #failed(error: unknown): void {
    this.#stop();
    const fault = error instanceof RookeryError ? error : new RookeryError('INTERNAL', String(error));
    const isFinal = !isPassing(fault) && fault.code !== 'INTERNAL';
    const isOver = isFinal && (this.#cursor === null || fault.code === 'UNAUTHENTICATED');
    this.#cursor = null;
    if (isOver) this.#show({ status: 'failed', error: fault });
    if (isOver || !this.#isUsed) return;
    const reading = this.#reading;
    setTimeout(() => reading === this.#reading && this.#isUsed && this.#start(), this.#backoff.next());
  }

  #isAwaited(edge: TimelineEdge): boolean {
    return this.#pending.some((one) => one.node.id === edge.node.id);
  }

  // It stays until its event is there, which may never come where it is no item of this timeline.
  #replace(edge: TimelineEdge, tweetId: string): void {
    const tweet = { ...tweetOf(edge), id: tweetId, __typename: 'Tweet' as const };
    this.#pending = this.#pending.map((one) => (one.node.id === edge.node.id ? { ...edge, node: tweet } : one));
    this.#show({});
    setTimeout(() => {
      this.#pending = this.#pending.filter((one) => one.node.id !== tweetId);
      this.#show({});
    }, PENDING_MS);
  }

  #show(view: Partial<TimelineView>): void {
    const all = this.#pending.length ? [...this.#pending, ...this.#items.edges] : this.#items.edges;
    const shown = this.get();
    const next = { ...shown, ...view, edges: this.overlays.overAll(all) };
    const isOther = (Object.keys(next) as (keyof TimelineView)[]).some((key) => next[key] !== shown[key]);
    if (isOther) this.#cell.set(next);
  }
}

/** Whether an item is the post that is on its way. */
function isSame(pending: TimelineEdge, { node, reason }: TimelineEdge): boolean {
  if (pending.node.id === node.id) return true;
  return reason === 'SELF' && node.__typename === 'Tweet' && tweetOf(pending).text === node.text;
}
