// What somebody is about to mention or tag, by the text before the caret.

const BEFORE_CARET = /(?:^|[^\w@#&/])([@#])([\p{L}\p{M}\p{N}_]{0,30})$/u;

/** {sign, typed, start} of the word at the caret, or null where it is neither mention nor hashtag. */
export function wordAt(text, caret) {
  const found = BEFORE_CARET.exec(text.slice(0, caret));
  return found && { sign: found[1], typed: found[2], start: caret - found[2].length - 1 };
}

/** The text with the word completed, and where the caret stands then. */
export function completed(text, word, caret, choice) {
  const head = `${text.slice(0, word.start)}${word.sign}${choice} `;
  return { text: head + text.slice(caret).replace(/^ /, ''), caret: head.length };
}
