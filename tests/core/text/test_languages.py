"""Language detection for texts in many languages, and for texts without any."""

from importlib.util import find_spec

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text.entities import extract_entities
from core.text.languages import language_of


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
        ("Hello, rooks!", "en"),
        ("bonjour tout le monde, il fait beau", "fr"),
        ("ich bin müde und gehe ins Bett", "de"),
        ("Murió la reina", "es"),
        ("привет как дела", "ru"),
        ("שלום עולם", "he"),
        ("مرحبا بالعالم", "ar"),
        ("こんにちは世界", "ja"),
        ("안녕하세요 여러분", "ko"),
        ("你好世界", "zh"),
        ("繁體中文測試一下", "zh"),
    ],
)
def test_language_is_told(text: str, code: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize("text", ["", "😂😂", "12:30", "@bob #rooks https://example.org/hello/world", "\0\ud800"])
def test_what_has_no_words_has_no_language(text: str) -> None:
    assert language(text) is None


@needs_cld2
def test_names_tags_and_links_do_not_count() -> None:
    assert language("@bonjour_le_monde #ilfaitbeau where have all of the birds gone today") == "en"


@example("", "\0")
@given(st.text(max_size=300), st.none() | st.text(max_size=20))
def test_any_text_and_any_locale_is_taken(text: str, locale: str | None) -> None:
    code = language(text, locale)
    assert code is None or code.replace("-", "").isalnum()
