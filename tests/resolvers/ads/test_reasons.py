"""Why a viewer is shown an advertisement, and how they are shown it no more."""

from typing import Any

import pytest

from schema.values.nodes import global_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.campaigns import advertise
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True
SETTINGS = {"ad_spacing": 1}

HOME = """query Home($device: DeviceInput) { homeTimeline(first: 50, device: $device) { edges { node {
  ... on PromotedTweet { id reasons tweet { id text } } } } } }"""
NODE = "query Node($id: ID!) { node(id: $id) { ... on PromotedTweet { reasons } } }"
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
FOLLOW_TAG = "mutation Tag($name: String!) { followHashtag(name: $name) { userErrors { code } } }"
NOT_INTERESTED = "mutation Not($id: ID!) { notInterested(tweetId: $id) { tweet { id } userErrors { code field } } }"


async def reader_of(service: Service, texts: int = 14) -> Person:
    reader = await sign_up(service, "reader")
    for number in range(texts):
        await reader.post(f"item {number}")
    await service.settle()
    return reader


async def ads(reader: Person, device: str = "API") -> dict[str, dict[str, Any]]:
    edges = (await reader.ask(HOME, device={"kind": device}))["homeTimeline"]["edges"]
    return {edge["node"]["tweet"]["text"]: edge["node"] for edge in edges if edge["node"]}


async def test_reasons_are_what_made_the_campaign_fit(shared_service: Service) -> None:
    shop, reader = await sign_up(shared_service, "shop"), await reader_of(shared_service)
    await advertise(shop, "for all")
    await advertise(shop, "aimed", targetHashtags=["chess", "rooks"], targetDevices=["IOS"])
    await advertise(shop, "for phones", targetDevices=["IOS"])
    shown = await ads(reader, "IOS")
    assert "aimed" not in shown
    assert (shown["for all"]["reasons"], shown["for phones"]["reasons"]) == (["EVERYBODY"], ["DEVICE"])
    assert "for phones" not in await ads(reader, "WEB")
    await reader.act(FOLLOW_TAG, name="Chess")
    await reader.act(LIKE, id=await shop.post("look #rooks"))
    shown = await ads(reader, "IOS")
    assert shown["aimed"]["reasons"] == ["DEVICE", "HASHTAG_FOLLOWED", "HASHTAG_LIKED"]
    found = await reader.ask(NODE, id=shown["aimed"]["id"])
    assert found["node"] == {"reasons": ["DEVICE", "HASHTAG_FOLLOWED", "HASHTAG_LIKED"]}


async def test_not_interested_hides_the_tweet_from_every_campaign_for_this_viewer_alone(
    shared_service: Service,
) -> None:
    shop = await sign_up(shared_service, "shop")
    reader, other = await reader_of(shared_service), await reader_of(shared_service)
    await advertise(shop, "tiresome")
    shown = (await ads(reader))["tiresome"]
    for _ in range(2):
        payload = await reader.act(NOT_INTERESTED, id=shown["tweet"]["id"])
        assert payload["tweet"] == {"id": shown["tweet"]["id"]}
    assert "tiresome" not in await ads(reader)
    assert (await reader.ask(NODE, id=shown["id"]))["node"] is None
    assert "tiresome" in await ads(other)
    assert await reader.refused(NOT_INTERESTED, id=global_id("Tweet", 7)) == [("NOT_FOUND", ["tweetId"])]


async def test_metrics_count_what_was_shown_paid_and_opened(shared_service: Service) -> None:
    async def counted(name: str) -> float:
        lines = (await shared_service.http.get("/metrics")).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    names = ("rookery_ad_impressions_total", "rookery_ad_clicks_total", "rookery_ad_spent_cents_total")
    shop, reader = await sign_up(shared_service, "shop"), await reader_of(shared_service)
    await advertise(shop, "counted", bidCents=2_000)
    filled = await counted('rookery_ad_slots_total{what="filled"}')
    edges = (await reader.ask(HOME.replace("id reasons", "impressionToken")))["homeTimeline"]["edges"]
    tokens = {edge["node"]["tweet"]["text"]: edge["node"]["impressionToken"] for edge in edges if edge["node"]}
    assert await counted('rookery_ad_slots_total{what="filled"}') == filled + len(tokens)
    before = [await counted(name) for name in names]
    record = "mutation R($tokens: [String!]!) { recordImpressions(tokens: $tokens) { recorded userErrors { code } } }"
    click = "mutation C($token: String!) { recordAdClick(token: $token) { recorded userErrors { code } } }"
    for _ in range(2):
        await reader.act(record, tokens=[tokens["counted"]])
        await reader.act(click, token=tokens["counted"])
    assert [await counted(name) for name in names] == [before[0] + 1, before[1] + 1, before[2] + 2]
