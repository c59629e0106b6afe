"""Index terms of texts in all scripts."""

import pytest

from core.text.terms import host_term, lang_term, text_terms, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Running rooks ran", ["run", "rook", "run"]),
        ("it’s O'Brien's", ["it", "o'brien"]),
        ("CAFÉ ｃａｆé ﬁne", ["cafe", "cafe", "fine"]),
        ("e\u0301te\u0301 n\u0303", ["ete", "n"]),
        ("snake_case 4th 2024", ["snake_case", "4th", "2024"]),
        ("東京大学に行く", ["東", "京", "大", "学", "に", "行", "く"]),
        ("iPhoneを買う", ["iphon", "を", "買", "う"]),
        ("한국어 검색", ["한국어", "검색"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("🦅 👩‍👩‍👧 ❤️", []),
        ("rook🦅crow", ["rook", "crow"]),
        ("rook\0crow", ["rook", "crow"]),
        ("Đà Nẵng, Łódź, Sørensen", ["da", "nang", "lodz", "sorensen"]),
        ("مُحَمَّد שָׁלוֹם", ["محمد", "שלום"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_pairs_are_terms_in_scripts_without_spaces_alone() -> None:
    assert text_terms(tokens("rook rook 東京")) == ["rook", "東", "京", "東京"]


@pytest.mark.parametrize(
    "link", ["example.org", "https://www.Example.org:80/a?b#c", "http://example.org?x", "ＥXAMPLE.org/"]
)
def test_a_link_is_known_by_its_host(link: str) -> None:
    assert host_term(link) == "url:example.org"


@pytest.mark.parametrize(
    ("code", "term"),
    [("en", "lang:en"), ("EN-gb", "lang:en"), ("nb", "lang:no"), ("nn-NO", "lang:no"), ("iw", "lang:he")],
)
def test_codes_of_one_language_have_one_term(code: str, term: str) -> None:
    assert lang_term(code) == term
