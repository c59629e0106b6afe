// Notifications as they are, and stay, at the server: groups by their newest act, and the number of unread ones.
import { isPassing, RookeryError } from '../errors.js';
import type { Notification, NotificationEvent, NotificationPage } from '../generated.js';
import { Cell, type Store } from '../store.js';
import { Backoff } from '../waiting.js';

const PAGE = 20;
const MOST = 100;
const GATHER_MS = 200;

export interface NotificationsView {
  readonly status: 'loading' | 'ready' | 'failed';
  /** Newest act first, each group once. */
  readonly groups: readonly Notification[];
  /** Up to 100. */
  readonly unreadCount: number;
  readonly hasMore: boolean;
  readonly error: RookeryError | null;
}

export interface NotificationsSource {
  page(first: number, after: string | null): Promise<NotificationPage>;
  follow(
    after: () => string | null,
    next: (event: NotificationEvent) => void,
    failed: (error: RookeryError) => void,
  ): () => void;
}

const NOTHING: NotificationsView = { status: 'loading', groups: [], unreadCount: 0, hasMore: true, error: null };

export class Notifications implements Store<NotificationsView> {
  readonly #cell: Cell<NotificationsView>;
  readonly #backoff = new Backoff();
  #cursor: string | null = null;
  #end: string | null = null;
  #reading = 0;
  #unfollow: (() => void) | null = null;
  #isUsed = false;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly source: NotificationsSource) {
    this.#cell = new Cell(NOTHING, () => this.#start());
  }

  readonly get = (): NotificationsView => this.#cell.get();

  /** Reads and follows as long as there is a subscriber. */
  readonly subscribe = (changed: (view: NotificationsView) => void): (() => void) => this.#cell.subscribe(changed);

  /** Reads the next older page. Rejects with a RookeryError. */
  async more(): Promise<void> {
    if (this.get().status !== 'ready' || !this.get().hasMore) return;
    const reading = this.#reading;
    const page = await this.source.page(PAGE, this.#end);
    if (reading === this.#reading) this.#append(page);
  }

  /** Reads again from the top. */
  reload(): void {
    this.#stop();
    this.#cursor = null;
    if (this.#isUsed) this.#start();
  }

  /** Shows nothing of whoever was signed in before. */
  forget(): void {
    this.#stop();
    this.#cursor = null;
    this.#cell.set(NOTHING);
    if (this.#isUsed) this.#start();
  }

  /** Shows a count that an act of one's own has led to. */
  counted(unreadCount: number): void {
    this.#show({ unreadCount });
    this.#refresh();
  }

  #start(): () => void {
    this.#isUsed = true;
    if (this.#cursor) this.#follow();
    else void this.#read((this.#reading += 1), PAGE);
    return () => {
      this.#isUsed = false;
      this.#stop();
    };
  }

  #stop(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#reading += 1;
    this.#unfollow?.();
    this.#unfollow = null;
  }

  async #read(reading: number, first: number): Promise<void> {
    try {
      const page = await this.source.page(first, null);
      if (reading === this.#reading) this.#took(page);
    } catch (error) {
      if (reading === this.#reading) this.#failed(error);
    }
  }

  #took(page: NotificationPage): void {
    this.#end = page.pageInfo.endCursor;
    const groups = page.edges.map(({ node }) => node);
    const { unreadCount, pageInfo } = page;
    this.#show({ status: 'ready', groups, unreadCount, hasMore: pageInfo.hasNextPage, error: null });
    if (this.#unfollow) return;
    this.#cursor = page.headCursor;
    this.#follow();
  }

  #append(page: NotificationPage): void {
    this.#end = page.pageInfo.endCursor ?? this.#end;
    const known = new Set(this.get().groups.map(({ id }) => id));
    const more = page.edges.map(({ node }) => node).filter(({ id }) => !known.has(id));
    this.#show({ groups: [...this.get().groups, ...more], hasMore: page.pageInfo.hasNextPage });
  }

  #follow(): void {
    this.#unfollow = this.source.follow(
      () => this.#cursor,
      (event) => this.#happened(event),
      (error) => this.#failed(error),
    );
  }

  #happened(event: NotificationEvent): void {
    this.#backoff.reset();
    if (event.__typename === 'NotificationsReset') {
      this.reload();
      return;
    }
    this.#cursor = event.cursor;
    if (event.__typename === 'NotificationChanged') {
      this.#show({ unreadCount: event.unreadCount, groups: this.#with(event.notification) });
    } else if (event.__typename === 'UnreadCountChanged') {
      this.#show({ unreadCount: event.unreadCount });
      this.#refresh();
    }
  }

  #with(group: Notification): readonly Notification[] {
    const others = this.get().groups.filter(({ id }) => id !== group.id);
    const place = others.findIndex(({ updatedAt }) => updatedAt <= group.updatedAt);
    return others.toSpliced(place < 0 ? others.length : place, 0, group);
  }

  // The event of a count does not say which groups were read, hidden or removed.
  #refresh(): void {
    if (!this.#isUsed || this.get().status !== 'ready') return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const first = Math.min(Math.max(this.get().groups.length, PAGE), MOST);
      void this.#read((this.#reading += 1), first);
    }, GATHER_MS);
  }

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

  #show(view: Partial<NotificationsView>): void {
    this.#cell.set({ ...this.get(), ...view });
  }
}
