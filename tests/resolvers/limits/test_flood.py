"""A flood of sign-ups that post, mention, follow and advertise, with limits that let them in."""

import asyncio
from typing import Any

import pytest

from core.ids import wall_ms
from tests.support.people import FOLLOW, POST, REGISTER, Person, registration, sign_up
from tests.support.scenarios.accounts import new_accounts
from tests.support.scenarios.campaigns import CREATE, ad_texts, advertise, booking, page
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.scenarios.notifications import NOTIFICATIONS
from tests.support.scenarios.timelines.hashtags import use_tags
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.usefixtures("unhurried_ads"),
    pytest.mark.lengthy,
]
OWN_DATABASE = True
SETTINGS = {"rate_limit": "on", "ad_spacing": 1, "ad_review": "on", "trusted_proxies": ("127.0.0.1",)}
# No more at once than one address may have waiting for their passwords.
AT_ONCE = 10
TRENDS = "{ trends(first: 100) { score tweetCount accountCount hashtag { name } } }"
REVIEW = "mutation Review($id: ID!) { reviewCampaign(id: $id, isApproved: true) { userErrors { code } } }"


async def trends(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await service.ask(TRENDS))["data"]["trends"]
    return [{**trend, "score": round(trend["score"])} for trend in found]


async def notifications(person: Person) -> dict[str, Any]:
    """Whole, with places, times and the unread count; but for the position in the log."""
    asked = await person.ask(NOTIFICATIONS, first=100, after=None, filter="ALL")
    return {name: value for name, value in asked["notifications"].items() if name != "headCursor"}


async def joined(service: Service, number: int) -> Person:
    """Signs up from an address of one range: a single one would soon have no points left."""
    wanted = registration("flood")
    body = {"query": REGISTER, "variables": {"input": wanted}}
    headers = {"x-forwarded-for": f"203.0.113.{number % 250}"}
    payload = (await service.http.post("/graphql", json=body, headers=headers)).json()["data"]["register"]
    tokens, user = payload["tokens"], payload["viewer"]["user"]
    return Person(service, user["id"], wanted["handle"], tokens["accessToken"], tokens["refreshToken"])


async def one_of_the_flood(service: Service, alice: Person, number: int) -> None:
    person = await joined(service, number)
    tweet = await person.act(POST, input={"text": f"buy #Rooks #bought  from us @{alice.handle.upper()}"})
    await person.act(CREATE, input=booking(tweet["tweet"]["id"], bidCents=1_000_000, budgetCents=100_000_000))
    await person.act(FOLLOW, id=(await joined(service, number + 1)).id)


@pytest.mark.parametrize("flood", [100, pytest.param(1_000, marks=pytest.mark.long)])
async def test_flood_changes_nothing_for_others(shared_service: Service, flood: int) -> None:
    service = shared_service
    alice, friend = await sign_up(service, "alice"), await sign_up(service, "friend")
    moderator = await sign_up_moderator(service)
    for number in range(6):
        await alice.post(f"item {number}")
    await moderator.act(REVIEW, id=await advertise(friend, "a fair offer"))
    first = await friend.post(f"buy #rooks #bought from us @{alice.handle}")
    people = await new_accounts(service.stores, [None] * 6, hours_old=48)
    await use_tags(service.stores, [(one, "#Rooks", wall_ms() - number) for number, one in enumerate(people)])
    await service.settle()
    await eventually(lambda: trends(service), within=20.0)
    before = await trends(service)
    ads = ad_texts((await page(alice))["edges"])
    assert [trend["hashtag"]["name"] for trend in before] == ["Rooks"]
    assert ads == ["a fair offer"]
    told = await notifications(alice)
    (node,) = [edge["node"] for edge in told["edges"]]
    assert (node["kind"], node["actorCount"], node["tweet"], told["unreadCount"]) == ("MENTION", 1, {"id": first}, 1)

    for first_of_some in range(0, flood, 2 * AT_ONCE):
        numbers = range(first_of_some, first_of_some + 2 * AT_ONCE, 2)
        await asyncio.gather(*[one_of_the_flood(service, alice, number) for number in numbers])
    await service.settle()

    seen = (await service.stores.trends.snapshots.latest()).at_ms

    async def is_judged_again() -> bool:
        return (await service.stores.trends.snapshots.latest()).at_ms > seen

    await eventually(is_judged_again, within=20.0)
    assert await trends(service) == before
    assert ad_texts((await page(alice))["edges"]) == ads
    assert await notifications(alice) == told
    assert await service.stores.mongo.collection("users").count_documents({}) >= flood
