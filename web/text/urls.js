// Links in a text, as core/text/urls.py finds them; a test holds the two together.
import { encodedLength } from './punycode.js';
import { ACCENTED_LATIN, ASCII_TLDS, UNICODE_TLDS } from './tables.js';

const HASH_SIGNS = '#\uff03';
const AT_SIGNS = '@\uff20';
const LATIN = `0-9A-Za-z${ACCENTED_LATIN}`;
const INVALID = '\ufeff\ufffe\uffff';
// What white space is to Python; to JavaScript it is something else.
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const PUNCTUATION = '\\-_.!"#$%&\'()*+,\\/:;<=>?@\\[\\\\\\]^`\\{\\|\\}~';
const EAST_ASIAN =
  '\u061c\u180e\u2000-\u206f\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65';
const NOT_IN_LABEL = `${PUNCTUATION}${SPACE}${EAST_ASIAN}${INVALID}`;
const IN_PATH = `[\\-0-9A-Za-z!*';:=+,.$\\/%#\\[\\]\u2013_~\\|&@\u0400-\u04ff${ACCENTED_LATIN}]`;
const PARENTHESES = `\\((?:${IN_PATH}+|${IN_PATH}*\\(${IN_PATH}+\\)${IN_PATH}*)\\)`;

const BEGIN = new RegExp(
  `(?<![0-9A-Za-z$${AT_SIGNS}${HASH_SIGNS}${INVALID}])(?<scheme>[Hh][Tt][Tt][Pp][Ss]?:\\/\\/)` +
    `|(?<![${LATIN}\\-_.\\/$${AT_SIGNS}${HASH_SIGNS}${INVALID}])(?=[${LATIN}]+(?:[\\-_]+[${LATIN}]+)*\\.)`,
  'gu',
);
const LATIN_LABEL = new RegExp(`[${LATIN}]+(?<joined>(?:[\\-_]+[${LATIN}]+)*)\\.`, 'uy');
const ANY_LABEL = new RegExp(`[^${NOT_IN_LABEL}]+(?<joined>(?:[\\-_]+[^${NOT_IN_LABEL}]+)*)\\.`, 'uy');
const ENCODED_TLD = /[Xx][Nn]--[-0-9A-Za-z]+/uy;
const ASCII_RUN = /[0-9A-Za-z]+/uy;
const LONGEST_FIRST = UNICODE_TLDS.split(' ').sort((one, other) => other.length - one.length);
const UNICODE_TLD = new RegExp(`(?:${LONGEST_FIRST.join('|')})(?![0-9A-Za-z@+\\-])`, 'iuy');
const PORT = /:[0-9]+/uy;
const PATH = new RegExp(`\\/(?:${IN_PATH}+|${PARENTHESES})*`, 'uy');
const QUERY = /\?[-0-9A-Za-z!?*'@();:&=+$\/%#[\]_.,~|]+/uy;
const PATH_END = /[!*';:,.$%[\]~|&@\u2013]+$/u;
const QUERY_END = /[!?*'@();:+$%[\].,~|]+$/u;
const SHORTENED = /https?:\/\/t\.co\/(?<slug>[0-9a-z]+)/iy;

const KNOWN_TLDS = new Set(ASCII_TLDS.split(' '));
const LONGEST_URL = 4096;
const LONGEST_LABEL = 63;
const LONGEST_SLUG = 40;
const DEFAULT_SCHEME = 'https://';

/** The links of a text in NFC, as [start, end] in UTF-16 units. */
export function findUrls(text) {
  const found = [];
  let position = 0;
  for (;;) {
    BEGIN.lastIndex = position;
    const begin = BEGIN.exec(text);
    if (!begin) return found;
    let start = begin.index;
    const scheme = begin.groups.scheme ?? '';
    let hostStart = start + scheme.length;
    const hostEnd = endOfHost(text, hostStart, scheme ? ANY_LABEL : LATIN_LABEL);
    position = hostEnd ? endOfUrl(text, hostEnd, start) : start + 1;
    if (!scheme && text.slice(start, hostEnd).includes('_')) {
      found.push(...hostsBeforeUnderscores(text.slice(start, hostEnd), start));
      start = hostStart = text.lastIndexOf('_', hostEnd - 1) + 1;
    }
    if (hostEnd && isResolvable(text.slice(hostStart, hostEnd), text.slice(start, position), scheme)) {
      found.push([start, position]);
    }
  }
}

// In a host without a scheme an underscore ends one host and begins another.
function hostsBeforeUnderscores(host, start) {
  const found = [];
  for (const part of host.split('_').slice(0, -1)) {
    const end = endOfHost(part, 0, LATIN_LABEL);
    if (end && isResolvable(part.slice(0, end), part.slice(0, end), '')) found.push([start, start + end]);
    start += part.length + 1;
  }
  return found;
}

function at(pattern, text, position) {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function endOfHost(text, start, pattern) {
  let end = 0;
  for (let label = at(pattern, text, start); label; label = at(pattern, text, start)) {
    start = label.index + label[0].length;
    // Only subdomains may hold an underscore.
    if (!label.groups.joined.includes('_')) end = endOfTld(text, start) || end;
  }
  return end;
}

function endOfTld(text, start) {
  const encoded = at(ENCODED_TLD, text, start);
  if (encoded) return start + encoded[0].length;
  const run = at(ASCII_RUN, text, start)?.[0];
  if (run && KNOWN_TLDS.has(run.toLowerCase()) && !/[@+-]/.test(text[start + run.length] ?? '')) {
    return start + run.length;
  }
  const name = at(UNICODE_TLD, text, start);
  return name ? start + name[0].length : 0;
}

function endOfUrl(text, hostEnd, start) {
  let end = endOfPath(text, hostEnd);
  const shortened = at(SHORTENED, text.slice(0, end), start);
  if (shortened) end = start + shortened[0].length;
  const query = at(QUERY, text, end);
  return query ? end + query[0].replace(QUERY_END, '').length : end;
}

function endOfPath(text, hostEnd) {
  const port = at(PORT, text, hostEnd);
  const start = hostEnd + (port?.[0].length ?? 0);
  const path = at(PATH, text, start);
  return start + (path?.[0].replace(PATH_END, '').length ?? 0);
}

function isResolvable(host, url, scheme) {
  if (points(url) - scheme.length + (scheme || DEFAULT_SCHEME).length > LONGEST_URL) return false;
  const slug = at(SHORTENED, url, 0)?.groups.slug;
  if (slug && slug.length > LONGEST_SLUG) return false;
  return host.split('.').every(fitsDns);
}

function fitsDns(label) {
  const length = points(label);
  if (/^[\x00-\x7f]*$/.test(label) || length > LONGEST_LABEL) return length <= LONGEST_LABEL;
  return label.slice(0, 4).toLowerCase() !== 'xn--' && 4 + encodedLength(label) <= LONGEST_LABEL;
}

function points(text) {
  return [...text].length;
}
