// How much a tweet weighs, as core/text/weight.py says it; a test holds the two together.
import { FLAGS, JOINED, PRESENTED, TONED } from './tables.js';
import { findUrls } from './urls.js';

const URL_WEIGHT = 23;
const HEAVY = /[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]/gu;
const TONES = '\u{1f3fb}-\u{1f3ff}';

/** The weight of a text after NFC. */
export function weightedLength(raw) {
  const text = raw.normalize('NFC');
  let [weight, position] = [0, 0];
  for (const [start, end] of findUrls(text)) {
    weight += weightWithoutLinks(text.slice(position, start)) + URL_WEIGHT;
    position = end;
  }
  return weight + weightWithoutLinks(text.slice(position));
}

function weightWithoutLinks(text) {
  const counted = text.replace(EMOJI, '\u{1f600}');
  return [...counted].length + (counted.match(HEAVY)?.length ?? 0);
}

function joinedEmoji() {
  const sequences = JOINED.split(' ').map((sequence) => [...sequence]);
  sequences.sort((one, other) => other.length - one.length);
  return sequences.map((sequence) => sequence.map((emoji) => `${emoji}[${TONES}]?\ufe0f?`).join('\u200d')).join('|');
}

function flags() {
  const regional = (letters) => Array.from(letters, (letter) => String.fromCodePoint(0x1f1a5 + letter.charCodeAt(0)));
  return FLAGS.split(' ')
    .map((line) => line.split(':').map((letters) => `[${regional(letters).join('')}]`).join(''))
    .join('|');
}

function subdivisions() {
  const tags = (code) => Array.from(code, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
  return `\u{1f3f4}(?:${['gbeng', 'gbsct', 'gbwls'].map(tags).join('|')})\u{e007f}`;
}

const EMOJI = new RegExp(
  `[0-9#*]\ufe0f?\u20e3|${flags()}|${subdivisions()}|${joinedEmoji()}` +
    `|[${TONED}]\ufe0f?[${TONES}]|[${PRESENTED}]\ufe0f`,
  'gu',
);
