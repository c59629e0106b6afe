"""Screening by the filters of the operator, which this process reads every two seconds at most."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from core.errors import RefusalError, UserErrorCode
from core.moderation import FilterEffect, FilterKind
from core.text.fold import fold
from core.text.muted_words import muted_matcher
from core.text.terms import host_term
from core.text.text import email_key
from core.text.urls import find_urls
from datastore.moderation.filters import FilterRecord
from datastore.stores import Stores

_FRESH_SECONDS: Final = 2.0


class _Test(NamedTuple):
    filter: FilterRecord
    holds: Callable[[str], bool]


class Screen:
    """The filters that are on."""

    def __init__(self, stores: Stores) -> None:
        self._stores, self._tests, self._read_at = stores, list[_Test](), float("-inf")

    def forget(self) -> None:
        """Call after a filter was changed: the next question reads them anew."""
        self._read_at = float("-inf")

    async def of_tweet(self, text: str, urls: Sequence[str]) -> FilterRecord | None:
        """The filter that the text or one of its links meets; one that refuses before one that holds."""
        tests = await self._current()
        return _strongest(
            [one.filter for one in tests if one.filter.kind is FilterKind.WORD and one.holds(text)]
            + [one.filter for one in tests if one.filter.kind is FilterKind.LINK and any(map(one.holds, urls))]
        )

    async def of_words(self, words: str) -> FilterRecord | None:
        """As `of_tweet`, for a text of a profile or a list."""
        return await self.of_tweet(words, [one.url for one in find_urls(words)])

    async def refuse(self, texts: Mapping[str, object]) -> None:
        """Raises RefusalError FORBIDDEN for the first of the texts, by their fields of the input, that meets a filter.

        Filters that hold refuse as well: no profile and no list waits for review. What is no text passes.
        """
        for field, text in texts.items():
            if isinstance(text, str) and await self.of_words(text) is not None:
                raise refusal_by_filter("input", field)

    async def of_email(self, email: str) -> FilterRecord | None:
        """The filter that an address meets."""
        tests = await self._current()
        return _strongest([one.filter for one in tests if one.filter.kind is FilterKind.EMAIL and one.holds(email)])

    async def _current(self) -> list[_Test]:
        if time.monotonic() - self._read_at > _FRESH_SECONDS:
            began = time.monotonic()
            found = await self._stores.moderation.filters.all()
            self._tests, self._read_at = [_Test(one, _test_of(one)) for one in found if one.is_on], began
        return self._tests


def refusal_by_filter(*field: str) -> RefusalError:
    """Names no filter: who writes spam would write around it."""
    return RefusalError.of(UserErrorCode.FORBIDDEN, "The operator of this service does not take this.", *field)


def host_of(url: str) -> str:
    """The folded host of a link, or of a host as somebody types it."""
    return host_term(url).partition(":")[2]


def address_pattern(typed: str) -> str:
    """The form in which addresses and domains are compared: a domain begins with @ no more."""
    return email_key(fold(typed.strip()).removeprefix("@"))


def _test_of(one: FilterRecord) -> Callable[[str], bool]:
    match one.kind:
        case FilterKind.WORD:
            return muted_matcher((one.pattern,))
        case FilterKind.LINK:
            return lambda url: _is_below(host_of(url), one.pattern)
        case FilterKind.EMAIL:
            if "@" in one.pattern:
                return lambda email: address_pattern(email) == one.pattern
            return lambda email: _is_below(address_pattern(email).rpartition("@")[2], one.pattern)


def _is_below(host: str, pattern: str) -> bool:
    return host == pattern or host.endswith(f".{pattern}")


def _strongest(found: Sequence[FilterRecord]) -> FilterRecord | None:
    return next((one for one in found if one.effect is FilterEffect.REFUSE), found[0] if found else None)
