"""Stems of English words."""

import pytest

from core.text.stems import snowball, stem
from core.text.tables.english import APART, TOGETHER


def families(table: str) -> dict[str, list[str]]:
    return {head: forms.split() for head, forms in (line.split(": ") for line in table.strip().splitlines())}


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [("rooks", "rook"), ("nesting", "nest"), ("rook", "rook"), ("flying", "fli"), ("don't", "don't")],
)
def test_english_word_has_a_stem(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@pytest.mark.parametrize("word", ["vögel", "2026", "rooks_2", "鳥", ""])
def test_word_with_other_characters_is_its_own_stem(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("dont", "don't"), ("im", "i'm"), ("goes", "going"), ("went", "go"), ("children's", "child")),
        *(("fries", "frying"), ("stuffed", "stuff"), ("witnessed", "witnesses"), ("women", "woman's")),
    ],
)
def test_forms_of_a_word_share_its_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("lovely", "love"), ("quite", "quit"), ("business", "busy"), ("finally", "final"), ("witness", "wit")),
        *(("fries", "fri"), ("noone", "noon"), ("july", "julie"), ("hell", "he'll"), ("well", "we'll"), ("id", "i'd")),
        *(("sat", "sit"), ("left", "leave")),
    ],
)
def test_words_of_other_meanings_have_other_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_table_has_what_the_rules_do_not_do_alone() -> None:
    apart, together = families(APART), families(TOGETHER)
    for head, forms in apart.items():
        assert forms[0] == head
        assert {stem(form) for form in forms} == {head}
        assert head not in {snowball(form) for form in forms}, head
    for head, forms in together.items():
        assert {stem(form) for form in (head, *forms)} == {snowball(head)}
        assert snowball(head) not in {snowball(form) for form in forms}, head
    every = [form for table in (apart, together) for forms in table.values() for form in forms]
    assert len(every) == len(set(every))
    assert list(apart) == sorted(apart)
    assert list(together) == sorted(together)
