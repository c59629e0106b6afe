"""The cache of valid documents."""

from graphql import DocumentNode, parse

from transport.request.document_cache import DocumentCache

DOCUMENT = parse("{ hello }")


def test_the_most_recently_used_documents_within_the_budget_are_kept() -> None:
    cache = DocumentCache[DocumentNode](budget=30)
    for text in ("a" * 10, "b" * 10, "c" * 10):
        cache.put(text, DOCUMENT)
    assert cache.get("a" * 10) is DOCUMENT
    cache.put("d" * 10, DOCUMENT)
    assert [cache.get(letter * 10) is not None for letter in "abcd"] == [True, False, True, True]


def test_putting_a_text_again_does_not_count_twice() -> None:
    cache = DocumentCache[DocumentNode](budget=20)
    cache.put("a" * 10, DOCUMENT)
    cache.put("a" * 10, DOCUMENT)
    cache.put("b" * 10, DOCUMENT)
    assert cache.get("a" * 10) is DOCUMENT


def test_very_long_texts_are_not_kept() -> None:
    cache = DocumentCache[DocumentNode]()
    cache.put("a" * 16_385, DOCUMENT)
    assert cache.get("a" * 16_385) is None
