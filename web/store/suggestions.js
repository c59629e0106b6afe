// People and hashtags that somebody may mean who types into the search field.
import { Choices } from './choices.js';

const MOST_TAGS = 3;
const MOST = 7;
// Operators, phrases and several words are for the search itself, or for names.
const ONE_WORD = /^[\p{L}\p{M}\p{N}_]+$/u;
const A_NAME = /^[\p{L}\p{M}\p{N}_'’. -]+$/u;

export class Suggestions {
  constructor(desk) {
    this.choices = new Choices(desk, { isWhole: true });
  }

  /** At once: [{key, tag}] and [{key, person}], hashtags first. */
  atHand(text) {
    return joined(wordsOf(text).map((word) => this.choices.atHand(word)));
  }

  /** After asking the API; resolves to the same as `atHand`. */
  async asked(text) {
    return joined(await Promise.all(wordsOf(text).map((word) => this.choices.asked(word))));
  }
}

/** What may be completed of a text, as `Choices` takes it. */
function wordsOf(text) {
  const typed = text.trim().replace(/^[@#]/, '');
  const isPeople = !text.trim().startsWith('#') && A_NAME.test(typed);
  const isTags = !text.trim().startsWith('@') && ONE_WORD.test(typed);
  return [isTags && { sign: '#', typed }, isPeople && { sign: '@', typed }].filter(Boolean);
}

function joined(lists) {
  const all = lists.flat();
  const tags = all.filter(({ tag }) => tag);
  return [...tags.slice(0, all.length > tags.length ? MOST_TAGS : MOST), ...all.filter(({ person }) => person)].slice(0, MOST);
}
