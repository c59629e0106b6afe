"""Language detection for texts in many languages, and for texts without any."""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text.entities import extract_entities
from core.text.languages import canonical_language, language_of


def language(text: str, locale: str | None = None) -> str | None:
    return language_of(text, extract_entities(text), locale=locale)


needs_cld2 = pytest.mark.skipif(
    find_spec("pycld2") is None, reason="Skipped, for there is no pycld2 for this machine: the language of texts"
)


@needs_cld2
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The rooks are back in the old elms", "en"),
        ("bonjour tout le monde, il fait beau", "fr"),
        ("ich bin müde und gehe ins Bett", "de"),
        ("Murió la reina", "es"),
        ("Ingen fortalte meg at du kom i går", "no"),
        ("Ingen havde fortalt mig at du kom i går", "da"),
        ("привет, как у тебя дела сегодня?", "ru"),
        ("καλημέρα", "el"),
        ("שלום עולם", "he"),
        ("مرحبا بالعالم", "ar"),
        ("पानी परेकोले कुकुर बाहिर जान मान्दैन", "ne"),
        ("สวัสดี", "th"),
    ],
)
def test_language_is_told(text: str, code: str) -> None:
    assert language(text) == code


@needs_cld2
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("こんにちは世界", "ja"),
        ("iPhoneを買う", "ja"),
        ("東京大学の研究", "ja"),
        ("東京駅到着", "ja"),
        ("안녕", "ko"),
        ("iPhone 새로 샀다", "ko"),
        ("你好世界", "zh"),
        ("繁體中文測試一下", "zh"),
        ("這部電影看了兩遍，哭了兩遍", "zh"),
        ("昨晚的比賽太精彩，到現在還不敢相信", "zh"),
        ("优の良品，欢迎大家来我们店里看看", "zh"),
        ("so happy today ツ", None),
        ("早安", None),
        ("本日休業", None),
    ],
)
def test_chinese_japanese_and_korean_are_told_by_their_letters(text: str, code: str | None) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "😂😂", "12:30", "@bob #rooks https://example.org/hello/world", "\0\ud800"),
        *("ok", "ok lol", "hahahaha", "jajaja", "xD", "no", "taxi", "Anna Schmidt", "Cute"),
        *("kalimera se olous", "xronia polla se olous tous filous", "wallah mish 3aref a3mel eh"),
    ],
)
@pytest.mark.parametrize("locale", [None, "en-US", "el-GR"])
def test_what_is_short_or_uncertain_has_no_language(text: str, locale: str | None) -> None:
    assert language(text, locale) is None


@needs_cld2
@pytest.mark.parametrize(
    ("text", "locale", "code"),
    [
        ("Ko je za kafu poslije predavanja?", "bs-BA", "bs"),
        ("Ingen sagde til mig at det var helligdag i dag", "da-DK", "da"),
        ("早安", "zh-TW", "zh"),
        ("本日休業", "ja_JP", "ja"),
        ("Mahal kita kahit ano pa ang mangyari", "fil-PH", "tl"),
        ("The rooks are back in the old elms", "qq-QQ", "en"),
        ("The rooks are back in the old elms", "de-DE", "en"),
    ],
)
def test_locale_breaks_ties(text: str, locale: str, code: str) -> None:
    assert language(text, locale) == code


@needs_cld2
def test_names_tags_and_links_do_not_count() -> None:
    assert language("@bonjour_le_monde #ilfaitbeau where have all of the birds gone today") == "en"


@needs_cld2
def test_every_code_is_one_of_bcp_47(monkeypatch: pytest.MonkeyPatch) -> None:
    pycld2 = import_module("pycld2")
    said = set()
    for _, code in pycld2.LANGUAGES:
        monkeypatch.setattr(pycld2, "detect", lambda *_, code=code, **__: (True, 9, (("", code, 99, 9.0),)))
        said.add(language("some words"))
    assert None in said
    # Codes that ISO 639 keeps for private use, and CLD2 for its jokes, are no languages.
    wrong = {code for code in said if code and not re.fullmatch(r"(?!zz|xx|q[a-t])[a-z]{2,3}(-[A-Z]{2})?", code)}
    assert wrong == set()
    assert said.isdisjoint({"iw", "jw", "nb", "nn", "sco", "zh-Hant", "un"})


def test_codes_of_one_language_are_one() -> None:
    assert [canonical_language(code) for code in ("nb", "iw", "fil", "cmn", "en")] == ["no", "he", "tl", "zh", "en"]


@example("", "\0")
@given(st.text(max_size=300), st.none() | st.text(max_size=20))
def test_any_text_and_any_locale_is_taken(text: str, locale: str | None) -> None:
    code = language(text, locale)
    assert code is None or code.replace("-", "").isalnum()
