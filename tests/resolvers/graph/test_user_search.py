"""User search by prefixes of handle and name, followees first, against a scan of all users."""

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.auth.tokens import utc_now
from core.ids import SessionId, UserId
from datastore.records.users import AccountRecord, UserRecord, to_document
from datastore.stores import open_stores
from datastore.users import name_index as store
from resolvers.graph.user_search import search_people
from resolvers.identity import Identity
from resolvers.pages import PairPlace
from resolvers.services import Services, open_services
from tests.support.people import Person, codes, sign_up
from tests.support.service import Service, settings_for

OWN_DATABASE = True

SEARCH = """query($query: String!, $first: Int! = 20, $after: String) {
  searchUsers(query: $query, first: $first, after: $after) {
    edges { cursor node { handle } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
RENAME = "mutation($name: String!) { updateProfile(input: {name: $name}) { userErrors { code } } }"
LEAVE = 'mutation { deleteAccount(password: "correct horse") { userErrors { code } } }'
NAMES = ("Ann Rook", "ANNA", "Rook", "Änne Rookwood", "Christopher Annable", "山田太郎", "O'Brien Ann", "annarooks Q")
HANDLES = ("ann", "anna_r", "rook", "rookwood99", "christophers", "chris", "z")
TYPED = (
    "a",
    "ann",
    "@ANNA",
    "rook ann",
    "christoph",
    "christopher a",
    "太郎",
    "山",
    "o'b",
    "rookwood9",
    "q a",
    "annarook",
    "z!",
)
_numbers = itertools.count(1)


def handles(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["handle"] for edge in connection["edges"]]


async def search(person: Person, query: str, **more: Any) -> list[str]:
    return handles((await person.ask(SEARCH, query=query, **more))["searchUsers"])


@pytest.mark.asyncio(loop_scope="module")
class TestThroughTheApi:
    async def test_people_are_found_as_one_types_and_those_followed_come_first(self, shared_service: Service) -> None:
        one, other, viewer = [await sign_up(shared_service, name) for name in ("quill", "quilt", "viewer")]
        await one.act(RENAME, name="Émile Zorn")
        assert await search(viewer, "qui") == [one.handle, other.handle]
        assert await search(viewer, f"@{other.handle.upper()}") == [other.handle]
        await viewer.follow(other)
        assert await search(viewer, "qui") == [other.handle, one.handle]
        assert await search(viewer, "emi zor") == [one.handle]
        await one.act(RENAME, name="Nobody")
        assert await search(viewer, "emi") == []
        assert await search(viewer, "nobod") == [one.handle]
        nobody = await shared_service.ask(SEARCH, {"query": "qui"})
        assert handles(nobody["data"]["searchUsers"]) == [one.handle, other.handle]
        await one.act(LEAVE)
        assert await search(viewer, "qui") == [other.handle]

    @pytest.mark.parametrize("typed", ["", "@", "!!", "a" * 281, "a\0", " ".join(map(str, range(21)))])
    async def test_what_holds_no_word_or_too_much_is_bad_input(self, shared_service: Service, typed: str) -> None:
        assert codes(await shared_service.ask(SEARCH, {"query": typed})) == ["BAD_USER_INPUT"]

    async def test_bad_pages_and_cursors_are_refused(self, shared_service: Service) -> None:
        viewer = await sign_up(shared_service, "viewer")
        for first in (0, 101):
            assert await viewer.failed(SEARCH, query="a", first=first) == ["BAD_USER_INPUT"]
        assert await viewer.failed(SEARCH, query="a", after="nonsense") == ["BAD_CURSOR"]


@pytest.fixture
async def services(module_database: str, redis_url: str) -> AsyncIterator[Services]:
    chosen = settings_for(module_database, redis_url)
    async with open_stores(chosen) as opened, open_services(opened, chosen) as found:
        yield found


@pytest.fixture(params=[500, 1], ids=["usual", "little looked at"])
def effort(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_EFFORT", request.param)


async def all_of(services: Services, viewer: UserId, typed: str, first: int) -> list[UserId]:
    identity = Identity(viewer, SessionId(1), utc_now() + timedelta(days=1))
    found: list[UserId] = []
    place: PairPlace | None = None
    while True:
        page = await search_people(services.stores.users, identity, typed, first, place)
        found += [user.id for _, user in page.edges]
        if not page.has_next:
            return found
        assert page.end_place is not None
        assert place is None or page.end_place > place
        place = page.end_place


def fits(person: UserRecord, typed: str) -> bool:
    """The definition by hand; for these names, folding is casefold without one accent."""
    name = person.name.casefold().replace("ä", "a")
    words = [person.handle, *name.split(), *(name[at:] for at in range(len(name)) if not name.isascii())]
    parts = typed.casefold().strip("@!").split()
    return all(any(word.startswith(part) for word in words) for part in parts)


@settings(max_examples=30)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=len(HANDLES)),
    followed=st.sets(st.integers(0, len(HANDLES) - 1)),
    typed=st.lists(st.sampled_from(TYPED), min_size=1, max_size=4, unique=True),
    first=st.integers(1, 3),
)
async def test_pages_hold_whom_a_plain_look_finds(
    services: Services, effort: None, names: Sequence[str], followed: set[int], typed: Sequence[str], first: int
) -> None:
    viewer = UserId(next(_numbers))
    people = [UserRecord(UserId(next(_numbers)), handle, name) for handle, name in zip(HANDLES, names, strict=False)]
    chosen = [person.id for place, person in enumerate(people) if place in followed]
    rows = {
        "users": [to_document(AccountRecord(person, f"{person.handle}@example.org", "hash")) for person in people],
        "follows": [{"_id": one, "follower": viewer, "followee": one} for one in chosen],
    }
    for collection, some in rows.items():
        await services.stores.mongo.collection(collection).delete_many({})
        if some:
            await services.stores.mongo.collection(collection).insert_many(some)
    for query in typed:
        exact = query.casefold().strip("@!")
        found = [person for person in people if fits(person, query)]
        order = sorted(found, key=lambda one: (one.id not in chosen, one.handle != exact, one.id))
        followees = sorted(one.id for one in found if one.id in chosen)
        expected = [*followees, *(one.id for one in order if one.id not in chosen)]
        assert await all_of(services, viewer, query, first) == expected, query
