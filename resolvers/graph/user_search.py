"""User search while typing: the viewer's followees, then the user of exactly that handle, then all others."""

import asyncio
from collections.abc import Sequence
from enum import IntEnum

from core.ids import UserId
from core.text.name_prefixes import is_named, name_words, typed_words
from datastore.mongo.bulk import chunked
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_be_proposed
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import PairPage, PairPlace, check_first
from resolvers.viewpoints import viewpoint_of

_ROUNDS = 3


class Rank(IntEnum):
    FOLLOWED = 0
    EXACT = 1
    OTHER = 2


async def search_people(
    users: UserStores, identity: Identity | None, typed: str, first: int, after: PairPlace | None
) -> PairPage[UserRecord]:
    """Each word must be a prefix of the handle or of a word of the name; a place is a rank and an id.

    Raises BadInputError for a text without words.
    """
    wanted, words = check_first(first) + 1, typed_words(typed)
    view = await viewpoint_of(users, identity)
    followees = view.followees
    rank, last = after or (Rank.FOLLOWED, 0)
    people = users.name_index
    known, exact, others = await asyncio.gather(
        people.filter(followees if rank == Rank.FOLLOWED else frozenset(), words),
        _exact(users, words),
        people.find(words, last if rank == Rank.OTHER else 0, wanted),
    )
    passed = followees | set(exact)
    places = [(Rank.FOLLOWED, user_id) for user_id in known if user_id > last]
    places += [(Rank.EXACT, user_id) for user_id in exact if user_id not in followees and rank < Rank.EXACT]
    edges: list[tuple[PairPlace, UserRecord]] = []
    for again in range(_ROUNDS):
        if again:
            others, places = await people.find(words, others.reached or 0, wanted), []
        places += [(Rank.OTHER, user_id) for user_id in others.ids if user_id not in passed]
        await _extend(users, view, words, edges, places, wanted)
        if len(edges) >= wanted or others.reached is None:
            break
    return _page(edges, first, after, None if others.reached is None else (Rank.OTHER, others.reached))


async def _exact(users: UserStores, words: Sequence[str]) -> list[UserId]:
    return list((await users.accounts.ids_by_handle(words)).values()) if len(words) == 1 else []


async def _extend(
    users: UserStores,
    view: Viewpoint,
    words: Sequence[str],
    edges: list[tuple[PairPlace, UserRecord]],
    places: Sequence[PairPlace],
    wanted: int,
) -> None:
    """Appends the matching users of `places` to `edges`, until there are `wanted`."""
    for some in chunked(places, wanted):
        edges += await _found(users, view, words, some)
        if len(edges) >= wanted:
            return


async def _found(
    users: UserStores, view: Viewpoint, words: Sequence[str], places: Sequence[PairPlace]
) -> list[tuple[PairPlace, UserRecord]]:
    """Users that may be found and match all letters, not only the indexed prefix."""
    people = await users.accounts.get_many([UserId(user_id) for _, user_id in places])
    return [
        (place, user)
        for place, user in zip(places, people, strict=True)
        if user is not None and may_be_proposed(view, user) and is_named(name_words(user.handle, user.name), words)
    ]


def _page(
    edges: list[tuple[PairPlace, UserRecord]], first: int, after: PairPlace | None, reached: PairPlace | None
) -> PairPage[UserRecord]:
    shown = tuple(edges[:first])
    has_next = len(edges) > first or reached is not None
    end = shown[-1][0] if shown and (len(edges) > first or reached is None) else reached
    return PairPage(shown, has_next, after is not None, end)
