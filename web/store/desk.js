// All that the page holds for one person, or for nobody: made at sign-in, closed when it ends.
import { ME } from '../api/documents/account.js';
import { FOLLOW, UNFOLLOW } from '../api/documents/people.js';
import { DELETE } from '../api/documents/tweets.js';
import { Api } from '../api/http.js';
import { SharedSocket } from '../api/shared.js';
import { HomeFeed } from '../live/home.js';
import { Impressions } from '../live/impressions.js';
import { NotificationFeed } from '../live/notifications.js';
import { TrendFeed } from '../live/trends.js';
import { Watch } from '../live/watch.js';
import { words } from '../words.js';
import { Cell } from './cell.js';
import { isPushed } from './device.js';
import { Drafts } from './drafts.js';
import { healing, patiently } from './healing.js';
import { Outbox } from './outbox.js';
import { Records } from './records.js';
import { Switches } from './switches.js';
import { Toasts } from './toasts.js';

export class Desk {
  #isClosed = false;

  constructor(session) {
    this.session = session;
    this.handle = session.handle;
    this.api = new Api(session);
    this.socket = new SharedSocket(session);
    this.toasts = new Toasts();
    this.tweets = new Records();
    this.people = new Records();
    this.switches = new Switches(this);
    this.drafts = new Drafts(this.handle);
    this.outbox = new Outbox(this);
    this.impressions = new Impressions(this.api);
    this.watch = new Watch(this);
    this.home = new HomeFeed(this);
    this.notifications = new NotificationFeed(this);
    this.trends = new TrendFeed(this);
    this.me = new Cell(null);
    /** {role, email, isEmailVerified, pendingEmail}. */
    this.account = new Cell(null);
    this.followedTags = new Cell([]);
    /** Whether somebody new looks at an empty home; null until that is known, and true till they have chosen. */
    this.isStarting = new Cell(null);
    /** What the dialog for writing is about: {inReplyTo, quoted, edited}, or null where it is closed. */
    this.composing = new Cell(null);
    /** What the dialog for reports is about: {tweet, isPromoted} or {person}, or null where it is closed. */
    this.reporting = new Cell(null);
    this.socket.status.watch((status) => status === 'live' && healing.now());
  }

  get isSignedIn() {
    return this.handle !== null;
  }

  async start() {
    if (!this.isSignedIn) return;
    this.home.start();
    await this.settled();
    if (this.#isClosed) return;
    this.notifications.start();
    await this.refreshMe();
    await this.#renewPushes();
  }

  /** Loaded where they are on alone. */
  async #renewPushes() {
    if (this.#isClosed || !isPushed(this.handle)) return;
    const pushes = await import('./pushes.js').catch(() => null);
    await pushes?.renew(this);
  }

  /** Resolves once home has its first page: what may come later waits for it, and leaves it the connection. */
  async settled() {
    if (this.isSignedIn) await this.home.latest.settled();
  }

  async refreshMe() {
    try {
      const answer = await patiently(() => this.api.ask(ME), () => !this.#isClosed);
      if (!answer?.viewer) return;
      const { viewer } = answer;
      this.people.take(viewer.user);
      this.me.set(viewer.user);
      this.account.set(viewer);
      this.followedTags.set(viewer.followedHashtags);
      if (this.isStarting.value === null) this.isStarting.set(this.#isNew(viewer));
    } catch (error) {
      this.isStarting.set(false);
      this.toasts.failed(error);
    }
  }

  #isNew({ user, followedHashtags }) {
    return !user.followingCount && !followedHashtags.length && !this.home.latest.cell.value.edges.length;
  }

  close() {
    this.#isClosed = true;
    this.home.stop();
    this.notifications.close();
    this.trends.stop();
    this.watch.stop();
    this.socket.close();
    this.drafts.close();
  }

  /** A tweet is gone, whoever deleted it. */
  deleted(id) {
    this.home.remove(id);
    this.tweets.drop(id);
  }

  /** Deletes a tweet of one's own; it comes back where that fails. */
  async delete(id) {
    const cell = this.tweets.cell(id);
    const before = cell.value;
    cell.set({ ...before, isLeaving: true });
    try {
      await this.api.act(DELETE, { id });
      this.deleted(id);
      this.toasts.say(words.tweet.deleted);
    } catch (error) {
      if (cell.value) cell.set({ ...cell.value, isLeaving: false });
      this.toasts.failed(error);
    }
  }

  /** Follows or unfollows, shown at once. */
  async follow(person, isWanted) {
    const relationship = {
      ...person.relationship,
      isFollowing: isWanted && !person.isProtected,
      hasRequestedFollow: isWanted && person.isProtected,
    };
    await this.change(person, isWanted ? FOLLOW : UNFOLLOW, { relationship });
  }

  /** Shows `fields` of a person at once, and sends the mutation that makes them true. */
  async change(person, mutation, fields) {
    const release = this.people.hold(person.id, fields);
    try {
      const { user } = await this.api.act(mutation, { id: person.id });
      release();
      this.people.take(user);
    } catch (error) {
      release();
      this.people.take(person);
      this.toasts.failed(error);
    }
  }
}
