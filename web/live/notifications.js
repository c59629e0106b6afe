// Notifications and how many of them are unread, followed live.
import { MARK_READ, NOTIFICATIONS, NOTIFICATION_EVENTS } from '../api/documents/notifications.js';
import { Cell } from '../store/cell.js';
import { Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';

export class NotificationFeed {
  #cursor = null;
  #stop = null;
  #others;

  constructor(desk) {
    this.desk = desk;
    this.unread = new Cell(0);
    this.#shareUnread();
    this.all = this.#pages('ALL');
    this.mentions = this.#pages('MENTIONS');
  }

  start() {
    this.all.start();
  }

  close() {
    this.stop();
    this.#others.close();
  }

  stop() {
    this.#stop?.();
    this.#stop = null;
  }

  /** Tells the server that all up to the newest one shown were read. */
  async read() {
    if (!this.unread.value) return;
    const cursor = this.all.cell.value.edges[0]?.cursor;
    const before = this.unread.value;
    this.unread.set(0);
    try {
      const { unreadCount } = await this.desk.api.act(MARK_READ, { upTo: cursor });
      this.unread.set(unreadCount);
    } catch {
      this.unread.set(before);
    }
  }

  // The tab in sight tells the hidden ones, which follow nothing, what their titles say.
  #shareUnread() {
    this.#others = new BroadcastChannel(`rookery.unread ${this.desk.handle}`);
    this.#others.onmessage = ({ data }) => document.hidden && this.unread.set(data);
    this.unread.watch((count) => document.hidden || this.#others.postMessage(count));
  }

  #pages(filter) {
    return new Pages({
      load: async (after) => {
        const { notifications } = await this.desk.api.ask(NOTIFICATIONS, { after, filter });
        if (filter === 'ALL' && after === null) {
          this.#cursor = notifications.headCursor;
          this.unread.set(notifications.unreadCount);
          // Once the page is in its place.
          setTimeout(() => this.#begin());
        }
        return notifications;
      },
      take: ({ node }) => this.#take(node),
    });
  }

  #take(notification) {
    notification.actors.forEach((actor) => this.desk.people.take(actor));
    if (notification.tweet) takeTweet(this.desk, notification.tweet);
  }

  #begin() {
    this.stop();
    this.#stop = this.desk.socket.follow(
      NOTIFICATION_EVENTS,
      () => ({ after: this.#cursor }),
      ({ notificationEvents: event }) => this.#happened(event),
      () => this.#startAnew(),
    );
  }

  #happened(event) {
    this.#cursor = event.cursor;
    if (event.__typename === 'NotificationsReset') {
      this.#startAnew();
      return;
    }
    this.unread.set(event.unreadCount);
    if (event.notification) this.#changed(event);
  }

  #changed({ notification }) {
    for (const pages of [this.all, this.mentions]) {
      if (pages.cell.value.state === 'idle') continue;
      pages.filter(({ node }) => node.id !== notification.id);
      if (pages === this.all || ['MENTION', 'REPLY', 'QUOTE'].includes(notification.kind)) {
        pages.prepend([{ cursor: null, node: notification }]);
      }
    }
  }

  #startAnew() {
    this.stop();
    this.all.renew();
    if (this.mentions.cell.value.state !== 'idle') this.mentions.renew();
  }
}
