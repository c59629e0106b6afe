// Live counts of the tweets that are in sight, by one subscription that is renewed as they change.
import { TWEET_UPDATES } from '../api/documents/tweets.js';

const MOST = 100;
const SETTLE_MS = 400;

export class Watch {
  #counts = new Map();
  #followed = '';
  #stop = () => {};
  #timer = null;

  constructor(desk) {
    this.desk = desk;
  }

  /** Follows the counts of a tweet till the returned function is called. */
  add(id) {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    this.#plan();
    return () => {
      const left = this.#counts.get(id) - 1;
      if (left) this.#counts.set(id, left);
      else this.#counts.delete(id);
      this.#plan();
    };
  }

  stop() {
    clearTimeout(this.#timer);
    this.#stop();
    this.#followed = '';
  }

  #plan() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#follow(), SETTLE_MS);
  }

  #follow() {
    const ids = [...this.#counts.keys()].slice(-MOST).sort();
    if (ids.join() === this.#followed) return;
    this.#stop();
    this.#followed = ids.join();
    this.#stop = ids.length
      ? this.desk.socket.follow(TWEET_UPDATES, () => ({ ids }), ({ tweetUpdates }) => this.#changed(tweetUpdates))
      : () => {};
  }

  // What may not be seen any more may come back: its row stays, and shows nothing meanwhile.
  #changed({ tweetId, tweet, isDeleted }) {
    if (tweet) this.desk.tweets.refresh({ ...tweet, isHidden: false });
    else if (isDeleted) this.desk.deleted(tweetId);
    else this.desk.tweets.refresh({ id: tweetId, isHidden: true });
  }
}
