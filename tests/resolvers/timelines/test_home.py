"""Home timelines, page by page, across the end of the list in Redis into MongoDB."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.support.people import HOME, Person, codes, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

# So short that most items are below the end of the list.
SETTINGS = {"timeline_length": 5}


@dataclass(frozen=True, slots=True)
class Town:
    """The reader follows alice and bob, who wrote `texts`, newest first; the reader does not follow carol."""

    reader: Person
    alice: Person
    bob: Person
    carol: Person
    texts: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(shared_service: Service) -> Town:
    reader, alice, bob, carol = [await sign_up(shared_service, name) for name in ("reader", "alice", "bob", "carol")]
    await reader.follow(alice)
    await reader.follow(bob)
    texts: list[str] = []
    for number in range(32):
        author = (alice, bob, reader)[number % 3]
        await author.post(f"tweet {number}")
        texts.insert(0, f"tweet {number}")
        await carol.post(f"not for you {number}")
    await shared_service.settle()
    return Town(reader, alice, bob, carol, texts)


def texts_of(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["text"] for edge in page["edges"]]


def ends_of(page: dict[str, Any]) -> tuple[bool, bool]:
    """The page's hasPreviousPage and hasNextPage."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]


async def down(person: Person, size: int, after: str | None = None) -> list[dict[str, Any]]:
    """The pages of the home timeline from a cursor to its end."""
    pages = [await person.home(size, after=after)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(await person.home(size, after=pages[-1]["pageInfo"]["endCursor"]))
    return pages


async def up(person: Person, size: int, before: str) -> list[dict[str, Any]]:
    """The pages from a cursor up to the newest item, newest page first."""
    pages = [await person.home(size, before=before)]
    while pages[0]["pageInfo"]["hasPreviousPage"]:
        pages.insert(0, await person.home(size, before=pages[0]["pageInfo"]["startCursor"]))
    return pages


async def is_ready(person: Person) -> bool:
    return bool((await person.home(1))["state"] == "READY")


async def test_list_keeps_no_more_than_it_should(shared_service: Service, town: Town) -> None:
    number = (await shared_service.stores.users.accounts.ids_by_handle([town.reader.handle]))[town.reader.handle]
    assert len(await shared_service.stores.timelines.home.ids(number)) == 5


@pytest.mark.parametrize("size", [1, 3, 4, 5, 6, 7, 31, 32, 33, 100])
async def test_pages_of_any_size_make_up_the_whole(town: Town, size: int) -> None:
    pages = await down(town.reader, size)
    assert [texts_of(page) for page in pages] == [town.texts[at : at + size] for at in range(0, 32, size)]
    assert {page["state"] for page in pages} == {"READY"}
    assert [ends_of(page) for page in pages] == [(number > 0, number < len(pages) - 1) for number in range(len(pages))]
    for page in pages:
        info = page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])


@pytest.mark.parametrize("size", [1, 3, 4, 5, 6, 7, 31, 100])
async def test_pages_upwards_make_up_the_whole(town: Town, size: int) -> None:
    last = (await town.reader.home(100))["edges"][-1]
    pages = await up(town.reader, size, last["cursor"])
    assert [text for page in pages for text in texts_of(page)] == town.texts[:-1]
    assert [len(page["edges"]) for page in pages[1:]] == [size] * (len(pages) - 1)
    assert [ends_of(page) for page in pages] == [(number > 0, True) for number in range(len(pages))]


async def test_nothing_is_newer_than_the_newest(town: Town) -> None:
    newest = (await town.reader.home(1))["edges"][0]["cursor"]
    page = await town.reader.home(10, before=newest)
    assert (texts_of(page), ends_of(page)) == ([], (False, True))
    assert page["pageInfo"]["startCursor"] == newest
    await town.alice.post("newer")
    await town.alice.service.settle()
    assert texts_of(await town.reader.home(10, before=page["pageInfo"]["startCursor"])) == ["newer"]
    tweet = (await town.reader.home(1))["edges"][0]["node"]["id"]
    await town.alice.delete(tweet)
    await town.alice.service.settle()


async def test_reasons_tell_ones_own_from_those_one_follows(town: Town) -> None:
    edges = (await town.reader.home(100))["edges"]
    own = {edge["node"]["text"] for edge in edges if edge["reason"] == "SELF"}
    assert own == {f"tweet {number}" for number in range(32) if number % 3 == 2}
    assert {edge["reason"] for edge in edges if edge["node"]["text"] not in own} == {"FOLLOWING"}


async def test_cursor_serves_after_its_item_was_deleted(shared_service: Service) -> None:
    reader, alice = await sign_up(shared_service, "reader"), await sign_up(shared_service, "alice")
    await reader.follow(alice)
    ids = [await alice.post(f"tweet {number}") for number in range(14)]
    await shared_service.settle()
    edges = (await reader.home(100))["edges"]
    for place in (1, 9):  # one in the list, one below its end
        assert edges[place]["node"]["id"] == ids[13 - place]
        await alice.delete(ids[13 - place])
    await shared_service.settle()
    kept = [f"tweet {number}" for number in range(13, -1, -1) if number not in (12, 4)]
    for place in (1, 9):
        cursor = edges[place]["cursor"]
        older, newer = await reader.home(100, after=cursor), await reader.home(100, before=cursor)
        assert texts_of(newer) + texts_of(older) == kept
        assert len(newer["edges"]) == place - (place > 1)
        assert texts_of(await reader.home(2, after=cursor)) == texts_of(older)[:2]
        assert texts_of(await reader.home(1, before=cursor)) == texts_of(newer)[-1:]
    assert [text for page in await down(reader, 3) for text in texts_of(page)] == kept


async def test_page_is_filled_where_the_list_holds_what_is_not_shown(shared_service: Service) -> None:
    reader, alice, bob = [await sign_up(shared_service, name) for name in ("reader", "alice", "bob")]
    await reader.follow(alice)
    await reader.follow(bob)
    for number in range(12):
        await (bob if 4 <= number < 11 else alice).post(f"tweet {number}")
    await shared_service.settle()
    await reader.unfollow(bob)
    expected = ["tweet 11", *[f"tweet {number}" for number in range(3, -1, -1)]]
    assert [texts_of(page) for page in await down(reader, 2)] == [expected[0:2], expected[2:4], expected[4:]]
    await shared_service.settle()
    assert [texts_of(page) for page in await down(reader, 2)] == [expected[0:2], expected[2:4], expected[4:]]


async def test_following_brings_in_what_lies_beyond_the_list_too(shared_service: Service, town: Town) -> None:
    newcomer = await sign_up(shared_service, "newcome")
    await newcomer.post("first of mine")
    await newcomer.follow(town.alice)
    await shared_service.settle()
    alices = [text for text in town.texts if int(text.split()[1]) % 3 == 0]
    assert [text for page in await down(newcomer, 3) for text in texts_of(page)] == ["first of mine", *alices]
    await newcomer.unfollow(town.alice)
    assert await newcomer.home_texts() == ["first of mine"]


async def test_reply_shows_where_the_answered_is_followed_too(shared_service: Service) -> None:
    reader, alice, bob, carol = [await sign_up(shared_service, name) for name in ("reader", "alice", "bob", "carol")]
    for followee in (alice, bob):
        await reader.follow(followee)
    roots = {one: await one.post(f"by {one.handle}") for one in (reader, alice, bob, carol)}
    for author in (alice, reader):
        for one, root in roots.items():
            await author.post(f"{author.handle} answers {one.handle}", inReplyTo=root)
    await shared_service.settle()
    seen = [f"{author.handle} answers {one.handle}" for author in (alice, reader) for one in (reader, alice, bob)]
    assert await reader.home_texts() == [
        *reversed(seen),
        f"by {bob.handle}",
        f"by {alice.handle}",
        f"by {reader.handle}",
    ]
    assert await carol.home_texts() == [f"by {carol.handle}"]


async def test_lost_list_is_rebuilt_while_pages_go_on_being_right(shared_service: Service, town: Town) -> None:
    number = (await shared_service.stores.users.accounts.ids_by_handle([town.reader.handle]))[town.reader.handle]
    await shared_service.stores.timelines.home.drop(number)
    page = await town.reader.home(7)
    assert (page["state"], texts_of(page)) == ("REBUILDING", town.texts[:7])
    further = await town.reader.home(7, after=page["pageInfo"]["endCursor"])
    assert texts_of(further) == town.texts[7:14]

    async def ready() -> bool:
        return await is_ready(town.reader)

    await eventually(ready)
    assert [texts_of(page) for page in await down(town.reader, 11)] == [
        town.texts[:11],
        town.texts[11:22],
        town.texts[22:],
    ]


async def test_many_who_read_a_lost_list_at_once_read_right(shared_service: Service, town: Town) -> None:
    number = (await shared_service.stores.users.accounts.ids_by_handle([town.reader.handle]))[town.reader.handle]
    await shared_service.stores.timelines.home.drop(number)
    pages = await asyncio.gather(*[town.reader.home(9) for _ in range(10)])
    assert [texts_of(page) for page in pages] == [town.texts[:9]] * 10
    await shared_service.settle()
    page = await town.reader.home(9)
    assert (page["state"], texts_of(page)) == ("READY", town.texts[:9])


async def test_newcomer_has_an_empty_timeline_that_says_so(shared_service: Service) -> None:
    newcomer = await sign_up(shared_service, "newcome")
    await shared_service.settle()
    page = await newcomer.home()
    assert page.pop("headCursor")
    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert page == {"state": "READY", "edges": [], "pageInfo": nothing}


async def test_nobody_reads_a_home_timeline_without_signing_in(shared_service: Service) -> None:
    assert codes(await shared_service.ask(HOME, {"first": 1})) == ["UNAUTHENTICATED"]


async def test_posts_while_somebody_reads_are_neither_missed_nor_doubled(shared_service: Service) -> None:
    reader, alice = await sign_up(shared_service, "reader"), await sign_up(shared_service, "alice")
    await reader.follow(alice)
    for number in range(9):
        await alice.post(f"old {number}")
    await shared_service.settle()
    pages = [await reader.home(2)]
    for number in range(9):
        await alice.post(f"new {number}")
        if pages[-1]["pageInfo"]["hasNextPage"]:
            pages.append(await reader.home(2, after=pages[-1]["pageInfo"]["endCursor"]))
    assert [text for page in pages for text in texts_of(page)] == [f"old {number}" for number in range(8, -1, -1)]
    await shared_service.settle()
    newer = await up(reader, 4, pages[0]["pageInfo"]["startCursor"])
    assert [text for page in newer for text in texts_of(page)] == [f"new {number}" for number in range(8, -1, -1)]
