"""The cache of valid documents."""

from graphql import parse

from transport.request.document_cache import DocumentCache

DOCUMENT = parse("{ hello }")


def cache_of(budget: int, *texts: str) -> DocumentCache[object]:
    """Each text is put twice, and its document takes no memory besides the text."""
    cache = DocumentCache[object](lambda _: 0, budget)
    for text in texts:
        cache.put(text, DOCUMENT)
        cache.put(text, DOCUMENT)
    return cache


def test_a_document_is_kept_on_its_second_sight() -> None:
    cache = cache_of(30)
    cache.put("a", DOCUMENT)
    assert cache.get("a") is None
    cache.put("a", DOCUMENT)
    assert cache.get("a") is DOCUMENT


def test_the_most_recently_used_documents_within_the_budget_are_kept() -> None:
    cache = cache_of(30, "a" * 10, "b" * 10, "c" * 10)
    assert cache.get("a" * 10) is DOCUMENT
    for _ in range(2):
        cache.put("d" * 10, DOCUMENT)
    assert [cache.get(letter * 10) is not None for letter in "abcd"] == [True, False, True, True]


def test_the_measured_size_counts_and_what_is_too_large_is_not_kept() -> None:
    cache = DocumentCache[int](lambda size: size, 100)
    for text, size in (("a", 40), ("b", 50), ("c", 200)):
        cache.put(text, size)
        cache.put(text, size)
    assert [cache.get(text) for text in "abc"] == [40, 50, None]
    for _ in range(2):
        cache.put("d", 90)
    assert [cache.get(text) for text in "abcd"] == [None, None, None, 90]


def test_putting_a_text_again_does_not_count_twice() -> None:
    cache = cache_of(20, "a" * 10, "a" * 10, "b" * 10)
    assert cache.get("a" * 10) is DOCUMENT


def test_very_long_texts_are_not_kept() -> None:
    assert cache_of(100_000, "a" * 16_385).get("a" * 16_385) is None
