"""Chinese, Japanese and Korean told apart by their letters: statistics of a few ideographs call one the other."""

import re
from collections.abc import Sequence
from typing import Final

_HAN: Final = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d]")
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_LETTER: Final = re.compile(r"[^\W\d_]")
# An ideograph or syllable says as much as about three letters of an alphabet.
_LETTERS_IN_ONE: Final = 3
# Japanese has a kana to every few ideographs; shop signs put a single one into Chinese.
_IDEOGRAPHS_TO_A_KANA: Final = 8
# Japanese without kana is a heading of a few words.
_LONGEST_HEADING: Final = 6
_CHINESE: Final = ("gb2312", "big5")
_JAPANESE: Final = ("cp932",)


def is_east_asian(text: str) -> bool:
    """Whether most of the text is written in ideographs, kana or Hangul."""
    if text.isascii():
        return False
    ours = sum(len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    return ours > 0 and ours * _LETTERS_IN_ONE >= len(_LETTER.findall(text)) - ours


def east_asian_language(text: str, hint: str | None) -> str | None:
    """`zh`, `ja` or `ko`, for a text that `is_east_asian`; None where a few ideographs could be of either language.

    `hint` decides between those.
    """
    ideographs = "".join(_HAN.findall(text))
    kana, hangul = len(_KANA.findall(text)), len(_HANGUL.findall(text))
    if hangul >= kana + len(ideographs):
        return "ko"
    if kana * _IDEOGRAPHS_TO_A_KANA >= len(ideographs):
        return "ja"
    return _of_ideographs(ideographs, hint)


def _of_ideographs(ideographs: str, hint: str | None) -> str | None:
    is_chinese, is_japanese = _is_written(ideographs, _CHINESE), _is_written(ideographs, _JAPANESE)
    if is_chinese != is_japanese:
        return "zh" if is_chinese else "ja"
    if hint in ("zh", "ja"):
        return hint
    return "zh" if len(ideographs) > _LONGEST_HEADING else None


def _is_written(ideographs: str, encodings: Sequence[str]) -> bool:
    """Whether one of the national character sets has them all."""
    return any(_has(encoding, ideographs) for encoding in encodings)


def _has(encoding: str, ideographs: str) -> bool:
    try:
        ideographs.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
