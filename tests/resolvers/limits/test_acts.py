"""Limits of posts, likes, follows, mentions and reports through the API, and how they are told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from core.limits import Limit
from schema.values.nodes import global_id
from tests.support.people import FOLLOW, POST, Person, sign_up
from tests.support.scenarios.moderators import REPORT, report
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LIMITS = {
    "limit_post": Limit(4, HOUR_MS),
    "limit_like": Limit(3, HOUR_MS),
    "limit_report": Limit(2, HOUR_MS),
    "limit_follow": Limit(2, HOUR_MS),
    "limit_mention": Limit(3, DAY_MS),
}
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { tweet { id viewerHasLiked } userErrors { code } } }"
OwnValkey = Callable[[], Awaitable[OwnStore]]


@pytest.fixture
async def limited(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    async with running_service(settings_for(service_database, redis_url, **LIMITS), with_workers=False) as service:
        yield service


async def refusal(person: Person, document: str, **variables: Any) -> tuple[str, int]:
    """The limit that refuses a mutation, and the seconds to wait."""
    answer = await person.service.ask(document, variables, person.token)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert answer["data"] is None
    return error["extensions"]["limit"], error["extensions"]["retryAfter"]


async def test_refusal_names_the_act_and_the_wait_in_body_header_and_socket(limited: Service) -> None:
    alice, bob = await sign_up(limited, "alice"), await sign_up(limited, "bob")
    for number in range(4):
        await alice.post(f"tweet {number}")
    body = {"query": POST, "variables": {"input": {"text": "one more"}}}
    headers = {"authorization": f"Bearer {alice.token}"}
    for accept, status in (("application/graphql-response+json", 429), ("application/json", 200)):
        answer = await limited.http.post("/graphql", json=body, headers={**headers, "accept": accept})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["limit"]) == (status, "POST")
        assert 3_590 <= error["extensions"]["retryAfter"] <= 3_600
        assert answer.headers["retry-after"] == str(error["extensions"]["retryAfter"])
    async with alice.socket() as socket:
        await socket.subscribe(POST, input={"text": "one more"})
        (error,) = (await socket.message())["payload"]["errors"]
        assert error["extensions"].keys() == {"code", "limit", "retryAfter"}
    assert await limited.stores.mongo.collection("tweets").count_documents({"text": "one more"}) == 0
    await bob.post("others are not meant")


async def test_acts_that_change_nothing_cost_nothing(limited: Service) -> None:
    alice, bob, carol = [await sign_up(limited, name) for name in ("alice", "bob", "carol")]
    tweets = [await bob.post(f"tweet {number}") for number in range(4)]
    for _ in range(5):
        await alice.act(LIKE, id=tweets[0])
        await alice.follow(bob)
        assert await alice.refused(POST, input={"text": ""})
        assert await alice.refused(POST, input={"text": "to nobody", "inReplyTo": global_id("Tweet", 7)})
        await alice.post("under a key", idempotencyKey="k")
    await alice.act(LIKE, id=tweets[1])
    await alice.act(LIKE, id=tweets[2])
    assert (await refusal(alice, LIKE, id=tweets[3]))[0] == "LIKE"
    assert (await alice.act(LIKE, id=tweets[0]))["tweet"]["viewerHasLiked"]  # it is no act
    await alice.follow(carol)
    assert (await refusal(alice, FOLLOW, id=(await sign_up(limited, "dave")).id))[0] == "FOLLOW"
    await alice.follow(bob)
    for number in range(3):
        await alice.post(f"tweet {number}")
    assert (await refusal(alice, POST, input={"text": "fifth"}))[0] == "POST"


async def test_tweet_mentions_ten_people_at_most_whether_or_not_they_exist(limited: Service) -> None:
    alice = await sign_up(limited, "alice")
    handles = [f"@nobody_{number}" for number in range(11)]
    assert await refusal(alice, POST, input={"text": " ".join(handles)}) == ("MENTION", DAY_MS // 1_000)
    await alice.post(" ".join([*handles[:10], handles[0].upper()]))


async def test_mentions_of_strangers_are_counted_by_person_and_those_of_followers_are_free(limited: Service) -> None:
    alice, fan, *strangers = [await sign_up(limited, name) for name in ("alice", "fan", "bob", "carol", "dave", "eve")]
    await fan.follow(alice)
    handles = [f"@{person.handle}" for person in strangers]
    await alice.post(" ".join(handles[:3]))
    await alice.post(f"again {handles[0]} @{fan.handle} @{alice.handle}")
    assert (await refusal(alice, POST, input={"text": handles[3]}))[0] == "MENTION"
    await strangers[3].follow(alice)
    await alice.post(f"welcome {handles[3]}")
    await alice.post("a refused mention took no post")


async def test_without_redis_a_process_counts_alone_and_more_strictly(
    service_database: str, own_valkey: OwnValkey
) -> None:
    valkey = await own_valkey()
    settings = settings_for(service_database, valkey.url, limit_post=Limit(8, HOUR_MS))
    async with running_service(settings, with_workers=False) as service:
        alice = await sign_up(service, "alice")
        await valkey.kill()
        await alice.post("one")
        await alice.post("two")
        limit, wait = await refusal(alice, POST, input={"text": "three"})
        assert limit == "POST"
        assert 0 < wait <= HOUR_MS / 1_000


async def test_reports_are_limited_and_one_subject_counts_once(limited: Service) -> None:
    alice, bob = await sign_up(limited, "alice"), await sign_up(limited, "bob")
    tweets = [await bob.post(f"reported {number}") for number in range(2)]
    made = await asyncio.gather(*[report(alice, tweets[0]) for _ in range(9)])
    assert len({one["id"] for one in made}) == 1
    await report(alice, tweets[1])
    assert (await refusal(alice, REPORT, subject=bob.id, reason="SPAM"))[0] == "REPORT"
    assert (await report(alice, tweets[0]))["id"] == made[0]["id"]
