// People and hashtags that could complete what somebody types, those at hand first, then those that the API finds.
import { COMPLETE_HASHTAGS, COMPLETE_USERS } from '../api/documents/finding.js';

const MOST = 6;

export class Choices {
  // What the API found, by sign and beginning.
  #found = new Map();

  /** `isWhole`: a hashtag that is typed to its end is a choice, too. */
  constructor(desk, { isWhole = false } = {}) {
    this.desk = desk;
    this.isWhole = isWhole;
  }

  /** At once: [{key, person}] or [{key, tag}], best first. */
  atHand({ sign, typed }) {
    return sign === '@' ? this.#people(typed) : this.#tags(typed);
  }

  /** After asking the API; resolves to the same as `atHand`. */
  async asked(word) {
    const key = word.sign + word.typed.toLowerCase();
    if (word.typed && !this.#found.has(key)) {
      this.#found.set(key, []);
      try {
        this.#found.set(key, await this.#ask(word));
      } catch {
        this.#found.delete(key);
      }
    }
    return this.atHand(word);
  }

  async #ask({ sign, typed }) {
    if (sign === '#') return (await this.desk.api.ask(COMPLETE_HASHTAGS, { prefix: typed })).searchHashtags.map(({ name }) => name);
    return (await this.desk.api.ask(COMPLETE_USERS, { query: typed })).searchUsers.edges.map(({ node }) => node);
  }

  #people(typed) {
    const start = typed.toLowerCase();
    const fits = ({ handle, name }) =>
      handle.toLowerCase().startsWith(start) || name.toLowerCase().split(' ').some((part) => part.startsWith(start));
    const known = this.desk.people.all().filter((person) => person.handle !== this.desk.handle && fits(person));
    const people = new Map([...(this.#found.get(`@${start}`) ?? []), ...known].map((person) => [person.id, person]));
    return [...people.values()].slice(0, MOST).map((person) => ({ key: person.handle, person }));
  }

  #tags(typed) {
    const start = typed.toLowerCase();
    const names = [
      ...(this.#found.get(`#${start}`) ?? []),
      ...this.desk.followedTags.value.map(({ name }) => name),
      ...this.desk.trends.cell.value.trends.map(({ hashtag }) => hashtag.name),
      ...this.desk.tweets.all().flatMap(({ entities }) => entities?.hashtags.map(({ tag }) => tag) ?? []),
    ];
    const tags = new Map(names.map((name) => [name.toLowerCase(), name]));
    const fitting = [...tags].filter(([key]) => key.startsWith(start) && (this.isWhole || key !== start));
    return fitting.slice(0, MOST).map(([, tag]) => ({ key: tag, tag }));
  }
}
