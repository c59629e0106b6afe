"""Advertisements in home timelines through the API: positions, advertisers, targeting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.support.people import Person, sign_up
from tests.support.scenarios.campaigns import (
    PAUSE,
    ad_texts,
    advertise,
    clicked,
    figures,
    is_ad,
    organic_texts,
    page,
    pages_down,
    recorded,
    shape,
    tokens,
)
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unhurried_ads")]

# No other test's viewers match these campaigns.
OWN_DATABASE = True
SPACING = 4
SETTINGS = {"ad_spacing": SPACING, "timeline_length": 12}
ITEMS = 22
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
BLOCK = "mutation Block($id: ID!) { block(userId: $id) { userErrors { code } } }"
MUTE = "mutation Mute($id: ID!) { mute(userId: $id) { userErrors { code } } }"
MUTE_WORDS = "mutation Mute($words: [String!]!) { setMutedWords(words: $words) { userErrors { code } } }"
FOLLOW_TAG = "mutation Follow($name: String!) { followHashtag(name: $name) { userErrors { code } } }"
PROTECT = """mutation Protect($is: Boolean!) { updateProfile(input: { isProtected: $is }) { userErrors { code } } }"""


@dataclass(frozen=True, slots=True)
class Fair:
    """An author with `texts`, newest first, which fill the timelines of their followers."""

    service: Service
    author: Person
    advertiser: Person
    texts: list[str]

    async def reader(self) -> Person:
        """A new user who follows the author."""
        reader = await sign_up(self.service, "reader")
        await reader.follow(self.author)
        await self.service.settle()
        return reader

    @asynccontextmanager
    async def campaigns(self, *wanted: str, **more: object) -> AsyncIterator[list[str]]:
        """A campaign for a new tweet per text; all are paused at the end, so that tests do not share them."""
        ids = [await advertise(self.advertiser, text, **more) for text in wanted]
        try:
            yield ids
        finally:
            for campaign in ids:
                await self.advertiser.act(PAUSE, id=campaign)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fair(shared_service: Service) -> Fair:
    author, advertiser = await sign_up(shared_service, "author"), await sign_up(shared_service, "shop")
    texts: list[str] = []
    for number in range(ITEMS):
        texts.insert(0, f"item {number}")
        await author.post(texts[0])
    return Fair(shared_service, author, advertiser, texts)


async def test_one_advertisement_after_every_so_many_items_on_one_page(fair: Fair) -> None:
    reader = await fair.reader()
    async with fair.campaigns(*[f"ad {number}" for number in range(6)]):
        edges = (await page(reader))["edges"]
    assert shape(edges) == "ooooA" * 5 + "oo"
    assert organic_texts(edges) == fair.texts
    assert len(set(ad_texts(edges))) == 5
    assert [edge["reason"] for edge in edges if is_ad(edge)] == ["PROMOTED"] * 5


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 6, 7, 9, 10, 16])
async def test_advertisements_are_counted_across_pages_and_no_item_is_lost(fair: Fair, first: int) -> None:
    reader = await fair.reader()
    async with fair.campaigns(*[f"ad {number}" for number in range(4)]):
        edges = await pages_down(reader, first)
    assert shape(edges) == "ooooA" * 5 + "oo"
    assert organic_texts(edges) == fair.texts


@pytest.mark.parametrize("first", [1, 2, 4, 5, 7])
async def test_pages_upwards_are_those_that_were_read_downwards(fair: Fair, first: int) -> None:
    reader = await fair.reader()
    async with fair.campaigns(*[f"ad {number}" for number in range(5)]):
        down = await pages_down(reader, 100)
        up, before = list[dict[str, Any]](), down[-1]["cursor"]
        while True:
            one = await page(reader, first, before=before)
            up = one["edges"] + up
            before = one["pageInfo"]["startCursor"]
            if not one["pageInfo"]["hasPreviousPage"]:
                break
    assert shape(up) == shape(down[:-1])
    assert organic_texts(up) == fair.texts[:-1]


async def test_cursor_of_an_advertisement_names_a_place_from_which_both_ways_go_on(fair: Fair) -> None:
    reader = await fair.reader()
    async with fair.campaigns("ad 1", "ad 2"):
        edges = (await page(reader, 10))["edges"]
        assert shape(edges) == "ooooAooooA"
        below = (await page(reader, 3, after=edges[4]["cursor"]))["edges"]
        above = (await page(reader, 3, before=edges[4]["cursor"]))["edges"]
    assert organic_texts(below) == fair.texts[4:7]
    assert organic_texts(above) == fair.texts[1:4]


async def test_advertisements_in_top_mode_leave_its_order_alone(fair: Fair) -> None:
    reader = await fair.reader()
    organic = organic_texts(await pages_down(reader, 100, mode="TOP"))
    async with fair.campaigns("ad 1", "ad 2"):
        edges = await pages_down(reader, 5, mode="TOP")
    assert shape(edges) == "ooooA" * 5 + "oo"
    assert sorted(organic_texts(edges)) == sorted(organic)


async def test_no_campaign_stands_twice_on_a_page(fair: Fair) -> None:
    reader = await fair.reader()
    async with fair.campaigns("alone"):
        edges = (await page(reader))["edges"]
        assert shape(edges) == "ooooA" + "o" * (ITEMS - SPACING)
        assert shape((await page(reader, 5))["edges"]) == "ooooA"


async def test_nobody_gets_advertisements_of_their_own_or_of_those_they_keep_away(fair: Fair) -> None:
    cast = [await fair.reader() for _ in range(6)]
    blocking, blocked, muting, wordy, follower, free = cast
    await fair.advertiser.follow(fair.author)
    await blocking.act(BLOCK, id=fair.advertiser.id)
    await fair.advertiser.act(BLOCK, id=blocked.id)
    await muting.act(MUTE, id=fair.advertiser.id)
    await wordy.act(MUTE_WORDS, words=["bargain"])
    await fair.service.settle()
    async with fair.campaigns("a bargain"):
        for reader in (blocking, blocked, muting, wordy, fair.advertiser):
            assert ad_texts((await page(reader))["edges"]) == []
        assert ad_texts((await page(free))["edges"]) == ["a bargain"]
        await follower.follow(fair.advertiser)
        await fair.advertiser.act(PROTECT, **{"is": True})
        await fair.service.settle()
        await asyncio.gather(*[no_ads(reader) for reader in (follower, free)])
        await fair.advertiser.act(PROTECT, **{"is": False})


async def no_ads(reader: Person) -> None:
    async def none() -> bool:
        return not ad_texts((await page(reader))["edges"])

    await eventually(none)


async def test_hashtags_and_devices_say_for_whom_a_campaign_is(fair: Fair) -> None:
    following, liking, other = [await fair.reader() for _ in range(3)]
    await following.act(FOLLOW_TAG, name="Schäch")
    await liking.act(LIKE, id=await fair.author.post("all about #schach"))
    async with fair.campaigns("for players", targetHashtags=["#SCHACH"]):
        for reader, expected in ((following, ["for players"]), (liking, ["for players"]), (other, [])):
            assert ad_texts((await page(reader))["edges"]) == expected
    async with fair.campaigns("for phones", targetDevices=["IOS", "ANDROID"]):
        for device, expected in (({"kind": "IOS"}, ["for phones"]), ({"kind": "WEB"}, []), (None, [])):
            assert ad_texts((await page(other, device=device))["edges"]) == expected


async def test_frequency_cap_counts_recorded_impressions_of_one_person(fair: Fair) -> None:
    reader, other = await fair.reader(), await fair.reader()
    async with fair.campaigns("seldom", frequencyCap=2) as (campaign,):
        given = [tokens((await page(reader))["edges"])[0] for _ in range(3)]
        assert await recorded(reader, *given[:1]) == 1
        assert ad_texts((await page(reader))["edges"]) == ["seldom"]
        assert await recorded(reader, *given[1:]) == 1
        assert ad_texts((await page(reader))["edges"]) == []
        assert ad_texts((await page(other))["edges"]) == ["seldom"]
        assert (await figures(fair.advertiser, campaign))["impressions"] == 2


async def test_higher_bid_wins_until_clicks_say_otherwise(fair: Fair) -> None:
    reader = await fair.reader()
    async with fair.campaigns("dull", bidCents=1_100), fair.campaigns("loved", bidCents=1_000):
        edges = (await page(reader, 10))["edges"]
        assert ad_texts(edges) == ["dull", "loved"]
        assert await recorded(reader, *tokens(edges)) == 2
        assert await clicked(reader, tokens(edges)[1]) == 1
        edges = (await page(await fair.reader(), 10))["edges"]
    assert ad_texts(edges) == ["loved", "dull"]


async def test_likes_of_an_advertised_tweet_are_shown_to_who_liked_it_at_once(fair: Fair) -> None:
    reader = await fair.reader()
    async with fair.campaigns("likeable"):
        (promoted,) = [edge["node"]["tweet"] for edge in (await page(reader))["edges"] if is_ad(edge)]
        assert (promoted["likeCount"], promoted["viewerHasLiked"]) == (0, False)
        await reader.act(LIKE, id=promoted["id"])
        (promoted,) = [edge["node"]["tweet"] for edge in (await page(reader))["edges"] if is_ad(edge)]
    assert (promoted["likeCount"], promoted["viewerHasLiked"]) == (1, True)
