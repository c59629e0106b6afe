// Tweets and people that were seen, one cell for each id, so that a count or a follow shows everywhere at once.
import { Cell } from './cell.js';

export class Records {
  #cells = new Map();
  #held = new Map();

  /** The cell of a record, whose value is null once the record is gone. */
  cell(id) {
    let cell = this.#cells.get(id);
    if (!cell) this.#cells.set(id, (cell = new Cell(null)));
    return cell;
  }

  /** Keeps what was read; fields that an act under way has changed stay as the act left them. */
  take(record) {
    const cell = this.cell(record.id);
    const held = this.#held.get(record.id);
    cell.set(held ? { ...cell.value, ...record, ...held } : { ...cell.value, ...record });
    return cell;
  }

  /** Keeps what was read of a record that is known and not gone. */
  refresh(record) {
    if (this.has(record.id)) this.take(record);
  }

  has(id) {
    return Boolean(this.#cells.get(id)?.value);
  }

  drop(id) {
    this.#cells.get(id)?.set(null);
  }

  /** Shows `fields` before the server agrees. Returns what ends it. */
  hold(id, fields) {
    const before = this.#held.get(id);
    this.#held.set(id, { ...before, ...fields });
    const cell = this.cell(id);
    if (cell.value) cell.merge(fields);
    return () => {
      const held = { ...this.#held.get(id) };
      for (const name of Object.keys(fields)) delete held[name];
      if (Object.keys(held).length) this.#held.set(id, held);
      else this.#held.delete(id);
    };
  }

  all() {
    return [...this.#cells.values()].map((cell) => cell.value).filter(Boolean);
  }
}

/** Takes a tweet that may be seen, and what it shows of others. */
export function takeTweet(desk, tweet) {
  desk.people.take(tweet.author);
  if (tweet.quoted) takeTweet(desk, tweet.quoted);
  return desk.tweets.take({ ...tweet, isHidden: false });
}

/** Takes all that an edge of a timeline shows. */
export function takeItem(desk, { node }) {
  if (node.user) desk.people.take(node.user);
  if (node.advertiser) desk.people.take(node.advertiser);
  takeTweet(desk, node.tweet ?? node);
}
