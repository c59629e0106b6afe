"""Language detection by CLD2 and by scripts; None for texts without words, uncertain ones, or without CLD2."""

import re
from typing import Final

from core.text.east_asian import east_asian_language, is_east_asian
from core.text.entities import Entities, HashtagEntity, Mention, Url

try:
    import pycld2
except ImportError:  # no build for this machine
    pycld2 = None

_UNKNOWN: Final = "un"
# Old codes, and those of a part: Norwegian has two written forms, which short texts do not tell apart.
_NAMES: Final = {"iw": "he", "in": "id", "jw": "jv", "ji": "yi", "fil": "tl", "nb": "no", "nn": "no", "cmn": "zh"}
# CLD2 finds Scots in short English texts.
_MISTAKEN: Final = {"sco": "en", "zh-Hant": "zh"}
_CLD2_NAMES: Final = {"he": "iw", "jv": "jw"}
_KNOWN_HINTS: Final = frozenset(code for _, code in pycld2.LANGUAGES) if pycld2 else frozenset()
# CLD2 has names of its own for jokes (Pig Latin, zzp) and for scripts (xx-Goth).
_NO_LANGUAGE: Final = re.compile(r"zz.|xxx?(-.*)?")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HEBREW: Final = re.compile("[\u05d0-\u05ea]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def language_of(text: str, entities: Entities, *, locale: str | None = None) -> str | None:
    """A BCP 47 code such as `en` or `pt`, or None. Entities are ignored; `locale` is a hint that breaks ties."""
    if pycld2 is None:
        return None
    words = _NO_TEXT.sub(" ", without_entities(text, entities))
    hint = _hint(locale)
    if is_east_asian(words):
        return east_asian_language(words, hint)
    return _by_statistics(words, hint) or ("he" if _is_hebrew(words) else None)


def canonical_language(code: str) -> str:
    """The code that `language_of` says for the language of a lower-case code: `no` for `nb`."""
    return _NAMES.get(code, code)


def without_entities(text: str, entities: Entities) -> str:
    """The text with a space for each of its entities."""
    found: tuple[Mention | HashtagEntity | Url, ...] = (*entities.mentions, *entities.hashtags, *entities.urls)
    places = sorted((one.start, one.end) for one in found)
    begins = [0, *(end for _, end in places)]
    ends = [*(start for start, _ in places), len(text)]
    return " ".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))


def _by_statistics(words: str, hint: str | None) -> str | None:
    cld2_hint = _CLD2_NAMES.get(hint or "", hint)
    try:
        is_reliable, _, details = pycld2.detect(
            words, isPlainText=True, hintLanguage=cld2_hint if cld2_hint in _KNOWN_HINTS else None
        )
    except pycld2.error:  # a character that Unicode does not know (yet)
        return None
    code: str = details[0][1]
    if not is_reliable or code == _UNKNOWN or _NO_LANGUAGE.fullmatch(code):
        return None
    return canonical_language(_MISTAKEN.get(code, code))


def _is_hebrew(words: str) -> bool:
    """Whether most letters are Hebrew. CLD2 is unsure of a few of its words, since Yiddish has that script, too."""
    return 2 * len(_HEBREW.findall(words)) > len(_LETTER.findall(words))


def _hint(locale: str | None) -> str | None:
    """None for English as well: devices of people who write other languages say it by default."""
    found = _LANGUAGE.match(locale or "")
    hint = canonical_language(found[0].lower()) if found else None
    return None if hint == "en" else hint
