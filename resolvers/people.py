"""Searching people, as one types: whom the viewer follows, then the one of exactly that handle, then the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from core.ids import UserId
from core.names import is_named, name_words, typed_words
from datastore.bulk import chunked
from datastore.users import UserRecord
from resolvers.pages import check_first
from resolvers.services import Services
from resolvers.sessions import Identity
from resolvers.viewpoints import viewpoint_of

_ROUNDS = 3


class Rank(IntEnum):
    FOLLOWED = 0
    EXACT = 1
    OTHER = 2


Place = tuple[int, int]
"""Rank and id."""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`end_place` is where the next page begins, also where nobody was found."""

    edges: tuple[tuple[Place, UserRecord], ...]
    has_next: bool
    has_previous: bool
    end_place: Place | None


async def search_people(
    services: Services, identity: Identity | None, typed: str, first: int, after: Place | None
) -> PeoplePage:
    """Each word must begin the handle or a word of the name. Raises BadInputError for what holds no word."""
    wanted, words = check_first(first) + 1, typed_words(typed)
    followees = (await viewpoint_of(services, identity)).followees
    place = after or (Rank.FOLLOWED, 0)
    edges: list[tuple[Place, UserRecord]] = []
    if place[0] == Rank.FOLLOWED:
        known = [one for one in await services.stores.people.named_among(followees, words) if one > place[1]]
        for some in chunked(known, wanted):
            edges += await _found(services, words, Rank.FOLLOWED, some)
            if len(edges) >= wanted:
                break
    exact = await _exact(services, words, followees)
    if place[0] < Rank.EXACT:
        edges += await _found(services, words, Rank.EXACT, exact)
    passed = followees | set(exact)
    reached: int | None = place[1] if place[0] == Rank.OTHER else 0
    for _ in range(_ROUNDS):
        if len(edges) >= wanted or reached is None:
            break
        others = await services.stores.people.named(words, reached, wanted)
        edges += await _found(services, words, Rank.OTHER, [one for one in others.ids if one not in passed])
        reached = others.reached
    return _page(edges, first, after, None if reached is None else (Rank.OTHER, reached))


async def _exact(services: Services, words: Sequence[str], followees: frozenset[UserId]) -> list[UserId]:
    found = await services.stores.users.ids_by_handle(words) if len(words) == 1 else {}
    return [user_id for user_id in found.values() if user_id not in followees]


async def _found(
    services: Services, words: Sequence[str], rank: Rank, ids: Sequence[UserId]
) -> list[tuple[Place, UserRecord]]:
    """Those who are there, and whose name is so to the last letter."""
    people = await services.stores.users.get_many(ids)
    return [
        ((rank, user.id), user)
        for user in people
        if user is not None and is_named(name_words(user.handle, user.name), words)
    ]


def _page(edges: list[tuple[Place, UserRecord]], first: int, after: Place | None, reached: Place | None) -> PeoplePage:
    shown = tuple(edges[:first])
    has_next = len(edges) > first or reached is not None
    end = shown[-1][0] if shown and (len(edges) > first or reached is None) else reached
    return PeoplePage(shown, has_next, after is not None, end)
