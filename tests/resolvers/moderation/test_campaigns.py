"""Review of campaigns where AD_REVIEW is on: nothing is shown before it, and nothing that was refused."""

from typing import Any

import pytest

from core.roles import Role
from schema.values.nodes import NodeType, decode_id, global_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.campaigns import ad_texts, advertise, figures, page
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unhurried_ads")]
OWN_DATABASE = True
SETTINGS = {"ad_spacing": 1, "ad_review": "on"}

QUEUE = """query Queue($first: Int!, $after: String) { moderation { campaigns(first: $first, after: $after) {
  edges { node { id status tweet { text } } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
REVIEW = """mutation Review($id: ID!, $isApproved: Boolean!, $note: String) {
  reviewCampaign(id: $id, isApproved: $isApproved, note: $note) {
    campaign { id status } userErrors { code field message } } }"""
TWEET = "query($id: ID!) { node(id: $id) { ... on Campaign { tweet { id } } } }"
PAUSE = "mutation Pause($id: ID!) { pauseCampaign(id: $id) { campaign { status } userErrors { code } } }"
RESUME = "mutation Resume($id: ID!) { resumeCampaign(id: $id) { campaign { status } userErrors { code } } }"


async def queue(moderator: Person, first: int = 100, after: str | None = None) -> dict[str, Any]:
    connection: dict[str, Any] = (await moderator.ask(QUEUE, first=first, after=after))["moderation"]["campaigns"]
    return connection


async def waiting(moderator: Person) -> list[str]:
    return [edge["node"]["id"] for edge in (await queue(moderator))["edges"]]


async def review(moderator: Person, campaign: str, *, is_approved: bool, note: str | None = None) -> str:
    payload = await moderator.act(REVIEW, id=campaign, isApproved=is_approved, note=note)
    status: str = payload["campaign"]["status"]
    return status


async def reader_with_tweets(service: Service) -> Person:
    reader = await sign_up(service, "reader")
    for number in range(6):
        await reader.post(f"item {number}")
    await service.settle()
    return reader


async def test_campaign_is_shown_once_it_is_approved_and_no_more_once_refused(shared_service: Service) -> None:
    shop, reader = await sign_up(shared_service, "shop"), await reader_with_tweets(shared_service)
    moderator = await sign_up_moderator(shared_service)
    campaign = await advertise(shop, "reviewed")
    assert (await figures(shop, campaign))["status"] == "IN_REVIEW"
    await shared_service.settle()
    assert "reviewed" not in ad_texts((await page(reader))["edges"])
    assert campaign in await waiting(moderator)
    assert await review(moderator, campaign, is_approved=True, note=" fine ") == "ACTIVE"
    assert campaign not in await waiting(moderator)
    assert "reviewed" in ad_texts((await page(reader))["edges"])
    assert await review(moderator, campaign, is_approved=False) == "REJECTED"
    assert "reviewed" not in ad_texts((await page(reader))["edges"])
    subject = {"subject_type": "Campaign", "subject": decode_id(campaign, NodeType.CAMPAIGN)}
    log = shared_service.stores.mongo.collection("moderation_log").find(subject).sort("_id", 1)
    assert [(row["action"], row["note"]) async for row in log] == [
        ("APPROVE_CAMPAIGN", "fine"),
        ("REJECT_CAMPAIGN", None),
    ]


async def test_pause_and_review_are_independent(shared_service: Service) -> None:
    shop, moderator = await sign_up(shared_service, "shop"), await sign_up_moderator(shared_service)
    campaign = await advertise(shop, "paused meanwhile")
    assert (await shop.act(PAUSE, id=campaign))["campaign"]["status"] == "IN_REVIEW"
    assert await review(moderator, campaign, is_approved=True) == "PAUSED"
    assert (await shop.act(RESUME, id=campaign))["campaign"]["status"] == "ACTIVE"
    assert await review(moderator, campaign, is_approved=False) == "REJECTED"
    assert (await shop.act(RESUME, id=campaign))["campaign"]["status"] == "REJECTED"


async def test_queue_is_read_in_pages_oldest_first_without_deleted_tweets(shared_service: Service) -> None:
    shop, moderator = await sign_up(shared_service, "shop"), await sign_up_moderator(shared_service)
    made = [await advertise(shop, f"queued {number}") for number in range(5)]
    await shop.delete((await shop.ask(TWEET, id=made[1]))["node"]["tweet"]["id"])
    found, after, has_next = list[str](), None, True
    while has_next:
        one = await queue(moderator, 2, after)
        found += [edge["node"]["id"] for edge in one["edges"]]
        after, has_next = one["pageInfo"]["endCursor"], one["pageInfo"]["hasNextPage"]
    assert found == await waiting(moderator)
    assert [campaign for campaign in found if campaign in made] == [made[0], *made[2:]]
    assert await moderator.failed(QUEUE, first=0) == ["BAD_USER_INPUT"]
    assert await moderator.failed(QUEUE, first=1, after="x") == ["BAD_CURSOR"]


async def test_only_moderators_decide_and_nobody_about_their_own(shared_service: Service) -> None:
    shop, stranger = await sign_up(shared_service, "shop"), await sign_up(shared_service, "stranger")
    one, other = await sign_up_moderator(shared_service), await sign_up_moderator(shared_service)
    admin = await sign_up_moderator(shared_service, Role.ADMIN)
    campaign, own = await advertise(shop, "for others"), await advertise(one, "of a moderator")
    for person in (shop, stranger):
        assert await person.refused(REVIEW, id=campaign, isApproved=True) == [("FORBIDDEN", [])]
    for person in (one, other):
        assert await person.refused(REVIEW, id=own, isApproved=True) == [("FORBIDDEN", ["id"])]
    assert await review(admin, own, is_approved=True) == "ACTIVE"
    assert await stranger.refused(REVIEW, id=global_id("Campaign", 7), isApproved=True) == [("FORBIDDEN", [])]
    assert await one.refused(REVIEW, id=global_id("Campaign", 7), isApproved=True) == [("NOT_FOUND", ["id"])]
    for note, code in (("x" * 1_001, "TOO_LONG"), ("a\u0000", "INVALID")):
        assert await one.refused(REVIEW, id=campaign, isApproved=True, note=note) == [(code, ["note"])]
    assert (await figures(shop, campaign))["status"] == "IN_REVIEW"


async def test_operator_sees_what_waits_and_what_was_decided(shared_service: Service) -> None:
    shop, moderator = await sign_up(shared_service, "shop"), await sign_up_moderator(shared_service)
    await review(moderator, await advertise(shop, "counted"), is_approved=True)
    await advertise(shop, "waits")

    async def shows() -> bool:
        lines = (await shared_service.http.get("/metrics")).text.splitlines()
        values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        assert float(values['rookery_ad_reviews_total{result="approved"}']) >= 1
        waiting_now = await shared_service.stores.ads.campaigns.count_in_review()
        return waiting_now > 0 and float(values["rookery_campaigns_in_review"]) == waiting_now

    await eventually(shows)
