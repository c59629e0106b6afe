"""Links in a text, as twitter-text 3.1 finds them: with a scheme, or without one where a known top-level domain marks a
host. Every character is examined a bounded number of times, whatever the text.
"""

import re
from typing import Final

import msgspec

from core.text.tables.tlds import ASCII_TLDS, UNICODE_TLDS

HASH_SIGNS: Final = "#\uff03"
AT_SIGNS: Final = "@\uff20"
ACCENTED_LATIN: Final = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
)
"""The inside of a character class, as are those below."""

_LATIN = "0-9A-Za-z" + ACCENTED_LATIN
_INVALID = "\ufeff\ufffe\uffff"
# The patterns treat dots, dashes and underscores separately; the rest is ASCII punctuation, white space, invisible
# formatting, and the punctuation of East Asian scripts.
_NOT_IN_LABEL = (
    r"""-_.!"#$%&'()*+,/:;<=>?@\[\\\]^`{|}~\s"""
    "\u061c\u180e\u2000-\u206f\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
) + _INVALID
_IN_PATH = rf"[-0-9A-Za-z!*';:=+,.$/%#\[\]\u2013_~|&@\u0400-\u04ff{ACCENTED_LATIN}]"
_PARENTHESES = rf"\((?:{_IN_PATH}++|{_IN_PATH}*+\({_IN_PATH}++\){_IN_PATH}*+)\)"

_DOT_BEFORE_TEXT = re.compile(r"\.[^\s.]")
_BEGIN = re.compile(
    rf"(?<![0-9A-Za-z${AT_SIGNS}{HASH_SIGNS}{_INVALID}])(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?://)"
    rf"|(?<![{_LATIN}\-_./${AT_SIGNS}{HASH_SIGNS}{_INVALID}])(?=[{_LATIN}]++(?:[-_]++[{_LATIN}]++)*+\.)"
)
_LATIN_LABEL = re.compile(rf"[{_LATIN}]++(?P<joined>(?:[-_]++[{_LATIN}]++)*+)\.")
_ANY_LABEL = re.compile(rf"[^{_NOT_IN_LABEL}]++(?P<joined>(?:[-_]++[^{_NOT_IN_LABEL}]++)*+)\.")
_ASCII_TLD = re.compile(r"(?P<encoded>[Xx][Nn]--[-0-9A-Za-z]++)|[0-9A-Za-z]++(?![@+\-])")
_UNICODE_TLD = re.compile(
    rf"(?:{'|'.join(sorted(UNICODE_TLDS, key=lambda name: (-len(name), name)))})(?![0-9A-Za-z@+\-])", re.IGNORECASE
)
_PORT = re.compile(r":[0-9]++")
_PATH = re.compile(rf"/(?:{_IN_PATH}++|{_PARENTHESES})*+")
_QUERY = re.compile(r"\?[-0-9A-Za-z!?*'@();:&=+$/%#\[\]_.,~|]++")
_NOT_LAST_IN_PATH = "!*';:,.$%[]~|&@\u2013"
_NOT_LAST_IN_QUERY = "!?*'@();:+$%[].,~|"
_SHORTENED = re.compile(r"https?://t\.co/(?P<slug>[0-9a-z]++)", re.IGNORECASE)

_LONGEST_URL = 4096
_LONGEST_LABEL = 63
_LONGEST_SLUG = 40
_DEFAULT_SCHEME = "https://"


class Url(msgspec.Struct, frozen=True, array_like=True):
    """A link as written, with or without a scheme."""

    url: str
    start: int
    end: int


def find_urls(text: str) -> list[Url]:
    """The links of a text in NFC, in text order; they do not overlap."""
    if not _DOT_BEFORE_TEXT.search(text):
        return []
    urls = []
    position = 0
    while begin := _BEGIN.search(text, position):
        start = begin.start()
        scheme = begin["scheme"] or ""
        host_start = start + len(scheme)
        host_end = _host_end(text, host_start, _ANY_LABEL if scheme else _LATIN_LABEL)
        position = _url_end(text, start, host_end) if host_end else start + 1
        if not scheme and "_" in text[start:host_end]:
            urls += _hosts_before_underscores(text, start, host_end)
            start = host_start = text.rindex("_", start, host_end) + 1
        if host_end and _is_resolvable(text[host_start:host_end], text[start:position], scheme):
            urls.append(Url(text[start:position], start, position))
    return urls


def _hosts_before_underscores(text: str, start: int, end: int) -> list[Url]:
    """In a host without a scheme an underscore ends one host and begins another."""
    urls = []
    *parts, _ = text[start:end].split("_")
    for part in parts:
        host = part[: _host_end(part, 0, _LATIN_LABEL)]
        if host and _is_resolvable(host, host, ""):
            urls.append(Url(host, start, start + len(host)))
        start += len(part) + 1
    return urls


def _host_end(text: str, start: int, label_pattern: re.Pattern[str]) -> int:
    """The end of the longest host that starts here, 0 if none does."""
    end = 0
    while label := label_pattern.match(text, start):
        start = label.end()
        # Only subdomains may hold an underscore.
        if "_" not in label["joined"]:
            end = _tld_end(text, start) or end
    return end


def _tld_end(text: str, start: int) -> int:
    """The end of the top-level domain that starts here, 0 if none does."""
    name = _ASCII_TLD.match(text, start)
    if name and (name["encoded"] or name[0].lower() in ASCII_TLDS):
        return name.end()
    name = _UNICODE_TLD.match(text, start)
    return name.end() if name else 0


def _url_end(text: str, start: int, host_end: int) -> int:
    """The end of port, path and query, without the punctuation of the surrounding sentence."""
    end = _path_end(text, host_end)
    if shortened := _SHORTENED.match(text, start, end):
        end = shortened.end()
    query = _QUERY.match(text, end)
    return end + len(query[0].rstrip(_NOT_LAST_IN_QUERY)) if query else end


def _path_end(text: str, host_end: int) -> int:
    port = _PORT.match(text, host_end)
    start = port.end() if port else host_end
    path = _PATH.match(text, start)
    return start + len(path[0].rstrip(_NOT_LAST_IN_PATH)) if path else start


def _is_resolvable(host: str, url: str, scheme: str) -> bool:
    if len(url) - len(scheme) + len(scheme or _DEFAULT_SCHEME) > _LONGEST_URL:
        return False
    shortened = _SHORTENED.match(url)
    if shortened and len(shortened["slug"]) > _LONGEST_SLUG:
        return False
    return all(_fits_dns(label) for label in host.split("."))


def _fits_dns(label: str) -> bool:
    """Whether the label has at most 63 bytes as DNS encodes it (RFC 3490)."""
    # The encoding takes quadratic time, and is never shorter than the label.
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return len(label) <= _LONGEST_LABEL
    is_encoded = label[:4].lower() == "xn--"
    return not is_encoded and len(b"xn--" + label.encode("punycode")) <= _LONGEST_LABEL
