// Acts that are done and undone: shown at once, sent one after the other, taken back where the server refuses.
import * as documents from '../api/documents/tweets.js';

/** What there is to switch: the field that says so, the count that follows, and the two mutations. */
export const LIKE = {
  flag: 'viewerHasLiked', count: 'likeCount', on: documents.LIKE, off: documents.UNLIKE,
};
export const RETWEET = {
  flag: 'viewerHasRetweeted', count: 'retweetCount', on: documents.RETWEET, off: documents.UNRETWEET,
};
export const BOOKMARK = {
  flag: 'viewerHasBookmarked', count: null, on: documents.BOOKMARK, off: documents.UNBOOKMARK,
};

export class Switches {
  #running = new Map();

  constructor(desk) {
    this.desk = desk;
  }

  /** Turns it over. Resolves when the server has agreed to what was wanted last, or all was taken back. */
  async turn(id, act) {
    const key = `${act.flag} ${id}`;
    const tweet = this.desk.tweets.cell(id).value;
    if (!tweet) return;
    const running = this.#running.get(key) ?? { agreed: tweet[act.flag], count: tweet[act.count], release: null };
    running.wanted = !tweet[act.flag];
    this.#show(id, act, running);
    if (this.#running.has(key)) return;
    this.#running.set(key, running);
    try {
      await this.#agree(id, act, running);
    } finally {
      this.#running.delete(key);
    }
  }

  async #agree(id, act, running) {
    try {
      while (running.agreed !== running.wanted) {
        const sent = running.wanted;
        const { tweet } = await this.desk.api.act(sent ? act.on : act.off, { id });
        running.agreed = sent;
        running.answer = tweet;
      }
      running.release();
      // What was undone may be hidden by then: there is no tweet in the answer.
      this.desk.tweets.refresh(running.answer ?? { id, [act.flag]: running.agreed });
    } catch (error) {
      running.release();
      this.desk.tweets.refresh({ id, [act.flag]: running.agreed, ...(act.count && { [act.count]: running.count }) });
      this.desk.toasts.failed(error);
    }
  }

  #show(id, act, running) {
    running.release?.();
    const fields = { [act.flag]: running.wanted };
    if (act.count) fields[act.count] = running.count + Number(running.wanted) - Number(running.agreed);
    running.release = this.desk.tweets.hold(id, fields);
  }
}
