"""Stems of English words."""

import pytest

from core.text.stems import stem


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [("rooks", "rook"), ("nesting", "nest"), ("rook", "rook"), ("flying", "fli"), ("don't", "don't")],
)
def test_english_word_has_a_stem(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@pytest.mark.parametrize("word", ["vögel", "2026", "rooks_2", "鳥", ""])
def test_word_with_other_characters_is_its_own_stem(word: str) -> None:
    assert stem(word) == word
