"""Campaigns, impressions and clicks through the API; every invalid input."""

import asyncio
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from core.auth.tokens import IMPRESSION_LIFETIME, ImpressionClaims, ImpressionTokens, utc_now
from core.ids import CampaignId, UserId
from tests.support.people import Person, codes, sign_up
from tests.support.scenarios.campaigns import (
    CREATE,
    PAUSE,
    RECORD,
    RESUME,
    ad_texts,
    advertise,
    booking,
    clicked,
    figures,
    instant,
    page,
    recorded,
    tokens,
)
from tests.support.scenarios.moderators import moderate, revoke, sign_up_moderator
from tests.support.service import SECRET, Service
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unhurried_ads")]

OWN_DATABASE = True
SETTINGS = {"ad_spacing": 1}
CAMPAIGNS = """query($first: Int!, $after: String) { viewer { campaigns(first: $first, after: $after) {
  edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
NODE = "query($id: ID!) { node(id: $id) { __typename ... on PromotedTweet { id impressionToken tweet { text } } } }"
PROTECT = "mutation { updateProfile(input: { isProtected: true }) { userErrors { code } } }"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
INT_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Shop:
    service: Service
    owner: Person
    reader: Person

    async def token(self, campaign_text: str) -> str:
        """The reader's impression token for the advertisement with this text."""
        edges = (await page(self.reader))["edges"]
        given = dict(zip(ad_texts(edges), tokens(edges), strict=True))
        return given[campaign_text]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(shared_service: Service) -> Shop:
    owner, reader = await sign_up(shared_service, "shop"), await sign_up(shared_service, "reader")
    for number in range(12):
        await reader.post(f"item {number}")
    await shared_service.settle()
    return Shop(shared_service, owner, reader)


def number_of(global_id: str) -> int:
    return int(urlsafe_b64decode(global_id + "=" * (-len(global_id) % 4)).decode().partition(":")[2])


async def test_campaign_says_what_was_booked(shop: Shop) -> None:
    campaign = await advertise(
        shop.owner,
        "booked",
        startsAt=instant(NOW + DAY),
        endsAt=instant(NOW + 2 * DAY),
        targetHashtags=["#Rooks", "rooks", "Chess"],
        targetDevices=["IOS", "IOS"],
        frequencyCap=7,
    )
    found = await figures(shop.owner, campaign)
    assert found["tweet"] == {"text": "booked"}
    assert (found["status"], found["bidCents"], found["budgetCents"], found["spentCents"]) == (
        "ACTIVE",
        1_000,
        10_000,
        0,
    )
    assert (found["targetHashtags"], found["targetDevices"], found["frequencyCap"]) == (["rooks", "Chess"], ["IOS"], 7)
    assert (found["impressions"], found["clicks"], found["days"]) == (0, 0, [])
    assert "booked" not in ad_texts((await page(shop.reader))["edges"])


async def test_campaigns_are_listed_newest_first_for_their_advertiser_alone(shop: Shop) -> None:
    owner = await sign_up(shop.service, "owner")
    made = [await advertise(owner, f"ad {number}", endsAt=instant(utc_now() + DAY)) for number in range(5)]
    gone = await owner.post("soon gone")
    await owner.act(CREATE, input=booking(gone))
    await owner.delete(gone)
    found, after = [], None
    for has_next in (True, True, False):
        one = (await owner.ask(CAMPAIGNS, first=2, after=after))["viewer"]["campaigns"]
        found += [edge["node"]["id"] for edge in one["edges"]]
        after = one["pageInfo"]["endCursor"]
        assert one["pageInfo"]["hasNextPage"] is has_next
    assert found == made[::-1]
    assert await figures(shop.reader, made[0]) is None
    assert (await shop.reader.ask(CAMPAIGNS, first=2, after=None))["viewer"]["campaigns"]["edges"] == []
    for campaign in made:
        await owner.act(PAUSE, id=campaign)


WRONG: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
    *[({"bidCents": bid}, [("INVALID", ["input", "bidCents"])]) for bid in (0, -1, -INT_MAX, 1_000_001, INT_MAX)],
    *[({"budgetCents": sum_}, [("INVALID", ["input", "budgetCents"])]) for sum_ in (0, -1, 100_000_001, INT_MAX)],
    ({"bidCents": 2_001, "budgetCents": 2}, [("INVALID", ["input", "budgetCents"])]),
    ({"endsAt": instant(NOW - timedelta(hours=2))}, [("INVALID", ["input", "endsAt"])]),
    ({"startsAt": instant(NOW + DAY), "endsAt": instant(NOW + DAY)}, [("INVALID", ["input", "endsAt"])]),
    ({"startsAt": instant(NOW - 2 * DAY), "endsAt": instant(NOW - DAY)}, [("INVALID", ["input", "endsAt"])]),
    ({"startsAt": instant(NOW), "endsAt": instant(NOW + 367 * DAY)}, [("INVALID", ["input", "endsAt"])]),
    ({"targetHashtags": ["rooks", "no tag", "7"]}, [("INVALID", ["input", "targetHashtags"])] * 2),
    ({"targetHashtags": ["x" * 300]}, [("TOO_LONG", ["input", "targetHashtags"])]),
    ({"targetHashtags": [f"tag{number}" for number in range(21)]}, [("TOO_LONG", ["input", "targetHashtags"])]),
    *[({"frequencyCap": cap}, [("INVALID", ["input", "frequencyCap"])]) for cap in (0, -1, 101)],
    (
        {"bidCents": -5, "budgetCents": -5, "frequencyCap": 0, "endsAt": "1999-12-31T00:00:00Z"},
        [("INVALID", ["input", name]) for name in ("bidCents", "budgetCents", "endsAt", "frequencyCap")],
    ),
]


async def test_each_wrong_field_of_a_campaign_is_named_and_nothing_is_made(shop: Shop) -> None:
    tweet = await shop.owner.post("for sale")
    before = await shop.service.fingerprint()
    for wrong, expected in WRONG:
        assert (wrong, await shop.owner.refused(CREATE, input=booking(tweet, **wrong))) == (wrong, expected)
    assert await shop.service.fingerprint() == before


async def test_campaign_takes_a_tweet_of_ones_own_that_all_may_see(shop: Shop) -> None:
    shy = await sign_up(shop.service, "shy")
    await shy.act(PROTECT)
    theirs, gone, hidden = await shop.reader.post("mine"), await shop.owner.post("gone"), await shy.post("hidden")
    await shop.owner.delete(gone)
    before = await shop.service.fingerprint()
    named = ["input", "tweet"]
    assert await shop.owner.refused(CREATE, input=booking(theirs)) == [("FORBIDDEN", named)]
    assert await shy.refused(CREATE, input=booking(hidden)) == [("FORBIDDEN", named)]
    for tweet in (gone, hidden):
        assert await shop.owner.refused(CREATE, input=booking(tweet)) == [("NOT_FOUND", named)]
    assert await shop.owner.refused(CREATE, input=booking(gone, bidCents=0)) == [
        ("INVALID", ["input", "bidCents"]),
        ("NOT_FOUND", named),
    ]
    assert await shop.owner.failed(CREATE, input=booking(shop.owner.id)) == ["BAD_USER_INPUT"]
    assert await shop.owner.failed(CREATE, input=booking(theirs, startsAt="tomorrow")) == ["BAD_USER_INPUT"]
    assert await shop.owner.failed(CREATE, input=booking(theirs, startsAt="0001-01-01T00:00:00+14:00")) == [
        "BAD_USER_INPUT"
    ]
    assert await shop.owner.failed(CREATE, input=booking(theirs, bidCents=2**31)) == ["BAD_USER_INPUT"]
    assert await shop.service.fingerprint() == before


async def test_paused_campaign_is_not_shown_until_it_is_resumed(shop: Shop) -> None:
    campaign = await advertise(shop.owner, "on and off")
    assert "on and off" in ad_texts((await page(shop.reader))["edges"])
    for _ in range(2):
        assert (await shop.owner.act(PAUSE, id=campaign))["campaign"] == {"id": campaign, "status": "PAUSED"}
    assert "on and off" not in ad_texts((await page(shop.reader))["edges"])
    assert await shop.reader.refused(RESUME, id=campaign) == [("NOT_FOUND", ["id"])]
    for _ in range(2):
        assert (await shop.owner.act(RESUME, id=campaign))["campaign"] == {"id": campaign, "status": "ACTIVE"}
    assert "on and off" in ad_texts((await page(shop.reader))["edges"])
    await shop.owner.act(PAUSE, id=campaign)


async def test_campaigns_of_people_whom_moderators_hide_are_not_shown(shop: Shop) -> None:
    moderator, owner = await sign_up_moderator(shop.service), await sign_up(shop.service, "loud")
    tweet = await owner.post("of a loud shop")
    await owner.act(CREATE, input=booking(tweet))

    async def is_shown() -> bool:
        return "of a loud shop" in ad_texts((await page(shop.reader))["edges"])

    async def is_hidden() -> bool:
        return not await is_shown()

    assert await is_shown()
    for subject, action in ((tweet, "REMOVE"), (owner.id, "LIMIT"), (owner.id, "SUSPEND")):
        decision = await moderate(moderator, subject, action)
        await eventually(is_hidden, within=20.0)
        await revoke(moderator, decision)
        await eventually(is_shown, within=20.0)


async def test_campaign_is_exhausted_when_nothing_more_can_be_paid(shop: Shop) -> None:
    campaign = await advertise(shop.owner, "cheap", bidCents=1_500, budgetCents=4, frequencyCap=100)
    given = [await shop.token("cheap") for _ in range(3)]
    assert await recorded(shop.reader, *given) == 2
    found = await figures(shop.owner, campaign)
    assert (found["status"], found["impressions"], found["spentCents"]) == ("EXHAUSTED", 2, 3)
    assert found["days"] == [{"impressions": 2, "clicks": 0, "spentCents": 3}]
    assert "cheap" not in ad_texts((await page(shop.reader))["edges"])
    assert (await shop.owner.act(PAUSE, id=campaign))["campaign"]["status"] == "EXHAUSTED"


async def test_campaign_ends_by_itself(shop: Shop) -> None:
    campaign = await advertise(shop.owner, "short")
    number = number_of(campaign)
    token = await shop.token("short")
    past = {"$set": {"ends_at": utc_now() - timedelta(seconds=1)}}
    await shop.service.stores.mongo.collection("campaigns").update_one({"_id": number}, past)
    await shop.owner.act(RESUME, id=campaign)
    assert (await figures(shop.owner, campaign))["status"] == "ENDED"
    assert "short" not in ad_texts((await page(shop.reader))["edges"])
    assert await recorded(shop.reader, token) == 1  # it was shown while the campaign ran


async def test_token_counts_once_for_whom_it_was_given_to(shop: Shop) -> None:
    campaign = await advertise(shop.owner, "once")
    token = await shop.token("once")
    before = await shop.service.fingerprint()
    assert await recorded(shop.owner, token) == 0
    assert await clicked(shop.reader, token) == 0
    assert codes(await shop.service.ask(RECORD, {"tokens": [token]})) == ["UNAUTHENTICATED"]
    assert await shop.service.fingerprint() == before
    assert sum(await asyncio.gather(*[recorded(shop.reader, token, token) for _ in range(5)])) == 1
    assert await clicked(shop.owner, token) == 0
    assert sum(await asyncio.gather(*[clicked(shop.reader, token) for _ in range(5)])) == 1
    found = await figures(shop.owner, campaign)
    assert (found["impressions"], found["clicks"], found["spentCents"]) == (1, 1, 1)
    assert found["days"] == [{"impressions": 1, "clicks": 1, "spentCents": 1}]
    await shop.owner.act(PAUSE, id=campaign)


async def test_tokens_that_are_forged_or_expired_count_nothing_and_are_no_error(shop: Shop) -> None:
    campaign = await advertise(shop.owner, "guarded")
    token = await shop.token("guarded")
    key, reader = SECRET.get_secret_value().encode(), UserId(number_of(shop.reader.id))
    claims = ImpressionClaims(CampaignId(number_of(campaign)), reader, 7)
    late = ImpressionTokens([key], lambda: utc_now() - IMPRESSION_LIFETIME - timedelta(seconds=1)).issue(claims)
    foreign = ImpressionTokens([b"x" * 32]).issue(claims)
    wrong = ["", "x", ".", "é", token[:-1], f"A{token[1:]}", token + "=", "x" * 5_000, shop.reader.token, late, foreign]
    before = await shop.service.fingerprint()
    assert await recorded(shop.reader, *wrong) == 0
    assert [await clicked(shop.reader, one) for one in wrong] == [0] * len(wrong)
    assert await recorded(shop.reader) == 0
    assert await shop.reader.failed(RECORD, tokens=[token] * 101) == ["QUERY_TOO_COMPLEX"]
    assert await shop.service.fingerprint() == before
    assert await recorded(shop.reader, *wrong, token) == 1
    await shop.owner.act(PAUSE, id=campaign)


async def test_advertisement_is_fetched_again_by_whom_it_was_given_to(shop: Shop) -> None:
    campaign = await advertise(shop.owner, "again")
    edges = (await page(shop.reader))["edges"]
    (promoted,) = [edge["node"] for edge in edges if ad_texts([edge]) == ["again"]]
    again = (await shop.reader.ask(NODE, id=promoted["id"]))["node"]
    assert again["impressionToken"] == promoted["impressionToken"]
    assert again["tweet"] == {"text": "again"}
    assert (await shop.owner.ask(NODE, id=promoted["id"]))["node"] is None
    await shop.owner.act(PAUSE, id=campaign)
    assert (await shop.reader.ask(NODE, id=promoted["id"]))["node"] is None
