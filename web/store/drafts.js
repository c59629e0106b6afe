// What somebody began to write, for each place: kept over closed dialogs, other views and reloads.
import { Cell } from './cell.js';

const MOST = 50;
const REFUSED = ' again';
const MANNER = ' manner';
/** How a tweet is to be read and answered, where nothing else was chosen. A warning that is asked for is a text. */
export const PLAIN = { contentWarning: null, isSensitive: false, replyAudience: 'EVERYONE' };

export class Drafts {
  #cells = new Map();
  #closing = new AbortController();

  /** Those of one person in this browser. */
  constructor(handle, storage = localStorage) {
    this.key = `rookery.drafts.${handle}`;
    this.storage = storage;
    const { signal } = this.#closing;
    addEventListener('storage', (event) => event.key === this.key && this.#renew(), { signal });
    for (const place of Object.keys(this.#kept())) if (place.endsWith(REFUSED)) this.putBack(place.slice(0, -REFUSED.length));
  }

  /** The cell of a place's text, which is empty where nothing was begun. */
  cell(place) {
    let cell = this.#cells.get(place);
    if (!cell) this.#cells.set(place, (cell = new Cell(this.#kept()[place] ?? '')));
    return cell;
  }

  write(place, text) {
    this.cell(place).set(text);
    const { [place]: _, ...others } = this.#kept();
    const kept = Object.entries(text ? { ...others, [place]: text } : others).slice(-MOST);
    this.storage.setItem(this.key, JSON.stringify(Object.fromEntries(kept)));
  }

  /** The cell of a place's manner, as a text that `mannerOf` reads. */
  mannerCell(place) {
    return this.cell(place + MANNER);
  }

  /** Keeps {contentWarning, isSensitive, replyAudience} for a place. */
  writeManner(place, manner) {
    const text = JSON.stringify(manner);
    this.write(place + MANNER, text === JSON.stringify(PLAIN) ? '' : text);
  }

  /** Keeps a text that was refused beside what was begun since at this place; returns the place where it is. */
  refused(place, text, manner) {
    this.write(place + REFUSED, text);
    this.writeManner(place + REFUSED, manner);
    return place + REFUSED;
  }

  /** Puts what was refused, and was not sent again, below what was begun since. */
  putBack(place) {
    const text = this.cell(place + REFUSED).value;
    if (!text) return;
    const begun = this.cell(place).value;
    this.write(place, begun ? `${begun}\n\n${text}` : text);
    if (!this.mannerCell(place).value) this.write(place + MANNER, this.mannerCell(place + REFUSED).value);
    this.write(place + REFUSED, '');
    this.write(place + REFUSED + MANNER, '');
  }

  /** Forgets what was written at a place, and what was refused there. */
  drop(place) {
    for (const one of [place, place + REFUSED]) {
      this.write(one, '');
      this.write(one + MANNER, '');
    }
  }

  forget() {
    this.storage.removeItem(this.key);
    for (const cell of this.#cells.values()) cell.set('');
  }

  close() {
    this.#closing.abort();
  }

  // Another tab has written; what is written here meanwhile stays.
  #renew() {
    if (document.hasFocus()) return;
    const kept = this.#kept();
    for (const [place, cell] of this.#cells) cell.set(kept[place] ?? '');
  }

  #kept() {
    try {
      return JSON.parse(this.storage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }
}

/** {contentWarning, isSensitive, replyAudience} of what `mannerCell` holds. */
export function mannerOf(text) {
  return text ? { ...PLAIN, ...JSON.parse(text) } : PLAIN;
}

/** That of a tweet that stands. */
export function mannerOfTweet({ contentWarning, isSensitive, replyAudience }) {
  return { contentWarning, isSensitive, replyAudience };
}

/** Where a draft {inReplyTo, quoted, edited} is written; `place` is another where it was refused. */
export function placeOf({ inReplyTo, quoted, edited, place }) {
  if (place) return place;
  if (edited) return `edit ${edited.id}`;
  if (inReplyTo) return `reply ${inReplyTo.id}`;
  return quoted ? `quote ${quoted.id}` : 'new';
}
