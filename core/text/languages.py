"""Language detection by CLD2: a guess for short texts; None for texts without letters, or without CLD2."""

import re

from core.text.entities import Entities, HashtagEntity, Mention, Url

try:
    import pycld2
except ImportError:  # no build for this machine
    pycld2 = None

_UNKNOWN = "un"
# Old codes; Scots, which CLD2 finds in short English texts; Chinese, whose two scripts look alike in short texts.
_NAMES = {"iw": "he", "jw": "jv", "sco": "en", "zh-Hant": "zh"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def language_of(text: str, entities: Entities, *, locale: str | None = None) -> str | None:
    """A BCP 47 code such as `en` or `pt`, or None. Entities are ignored; `locale` is a hint that breaks ties."""
    if pycld2 is None:
        return None
    try:
        is_found, _, details = pycld2.detect(
            _NO_TEXT.sub(" ", _words(text, entities)), isPlainText=True, bestEffort=True, hintLanguage=_hint(locale)
        )
    except pycld2.error:  # a character that Unicode does not know (yet)
        return None
    code: str = details[0][1]
    return _NAMES.get(code, code) if is_found and code != _UNKNOWN else None


def _words(text: str, entities: Entities) -> str:
    """The text without its entities."""
    found: tuple[Mention | HashtagEntity | Url, ...] = (*entities.mentions, *entities.hashtags, *entities.urls)
    places = sorted((one.start, one.end) for one in found)
    begins = [0, *(end for _, end in places)]
    ends = [*(start for start, _ in places), len(text)]
    return " ".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))


def _hint(locale: str | None) -> str | None:
    found = _LANGUAGE.match(locale or "")
    return found[0].lower() if found else None
