"""Trends through the API, for viewers with different blocks."""

import asyncio

import pytest

from core.text.fold import tag_key
from schema.values.nodes import NodeType, global_name
from tests.support.people import Person, sign_up, unused_handle
from tests.support.scenarios.moderators import moderate, revoke, sign_up_moderator
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_DATABASE = True

TRENDS = """query($first: Int! = 100) { trends(first: $first) {
  score tweetCount accountCount hashtag { id name viewerIsFollowing history } } }"""
HISTORY = "query($name: String!) { hashtag(name: $name) { id name history } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"


async def sign_up_many(service: Service, size: int) -> list[Person]:
    return list(await asyncio.gather(*[sign_up(service, "crow") for _ in range(size)]))


async def say(people: list[Person], text: str) -> None:
    await asyncio.gather(*[person.post(text) for person in people])


async def counts(service: Service, name: str, token: str | None = None) -> tuple[int, int, int, int] | None:
    """Score, tweets, accounts and uses of the last hour; None if it does not trend for the viewer."""
    answer = await service.ask(TRENDS, token=token)
    for trend in answer["data"]["trends"]:
        if tag_key(trend["hashtag"]["name"]) == tag_key(name):
            assert len(trend["hashtag"]["history"]) == 24
            history = sum(trend["hashtag"]["history"])
            return round(trend["score"]), trend["tweetCount"], trend["accountCount"], history
    return None


async def comes_to(
    service: Service, name: str, wanted: tuple[int, int, int, int] | None, token: str | None = None
) -> None:
    async def does() -> bool:
        return await counts(service, name, token) == wanted

    await eventually(does, within=20.0)


async def test_a_burst_trends_for_everybody_and_one_account_alone_makes_none(shared_service: Service) -> None:
    people, name, other = await sign_up_many(shared_service, 6), unused_handle("Burst"), unused_handle("alone")
    await say(people[:1] * 8, f"once more #{other}")
    await say(people, f"caw #{name}")
    await comes_to(shared_service, name, (25, 6, 6, 6))
    assert await counts(shared_service, other) is None
    trends = (await shared_service.ask(TRENDS, {"first": 1}))["data"]["trends"]
    assert len(trends) == 1


async def test_it_is_named_as_most_write_it_and_can_be_fetched_again(shared_service: Service) -> None:
    people, name = await sign_up_many(shared_service, 5), unused_handle("Named")
    await say(people[:2], f"#{name.lower()}")
    await say(people[2:], f"#{name}")
    await comes_to(shared_service, name, (16, 5, 5, 5))
    (found,) = [
        one["hashtag"] for one in (await shared_service.ask(TRENDS))["data"]["trends"] if one["hashtag"]["name"] == name
    ]
    by_name = (await shared_service.ask(HISTORY, {"name": name.upper()}))["data"]["hashtag"]
    assert by_name == {"id": global_name(NodeType.HASHTAG, name.lower()), "name": name, "history": found["history"]}
    unused = unused_handle("unused")
    answer = await shared_service.ask(HISTORY, {"name": unused})
    assert (answer["data"]["hashtag"]["name"], answer["data"]["hashtag"]["history"]) == (unused, [0] * 24)


async def test_what_the_viewer_blocks_is_taken_out_and_with_it_what_is_none_without(shared_service: Service) -> None:
    people, viewer, name = (
        await sign_up_many(shared_service, 6),
        await sign_up(shared_service),
        unused_handle("blocked"),
    )
    await say(people, f"#{name}")
    await say(people[:1], f"again #{name}")
    await comes_to(shared_service, name, (25, 7, 6, 7))
    await viewer.act(BLOCK, id=people[0].id)
    assert await counts(shared_service, name, viewer.token) == (25, 5, 5, 5)
    assert (await viewer.ask(HISTORY, name=name))["hashtag"]["history"][-1] == 5
    await people[1].act(BLOCK, id=viewer.id)
    assert await counts(shared_service, name, viewer.token) is None
    assert (await viewer.ask(HISTORY, name=name))["hashtag"]["history"][-1] == 4
    assert await counts(shared_service, name) == (25, 7, 6, 7)


async def test_protected_and_deleted_content_is_not_counted(shared_service: Service) -> None:
    people, name = await sign_up_many(shared_service, 7), unused_handle("hidden")
    viewer = await sign_up(shared_service)
    await say(people[:6], f"#{name}")
    tweet = await people[6].post(f"#{name}")
    await comes_to(shared_service, name, (36, 7, 7, 7))
    await people[6].delete(tweet)
    await comes_to(shared_service, name, (25, 6, 6, 6))
    await people[0].act(PROTECT)
    await viewer.act(BLOCK, id=people[0].id)
    await comes_to(shared_service, name, (16, 5, 5, 5))
    await comes_to(shared_service, name, (16, 5, 5, 5), viewer.token)
    assert (await people[0].ask(HISTORY, name=name))["hashtag"]["history"][-1] == 5


async def test_people_whom_moderators_hide_are_not_counted_until_that_is_revoked(shared_service: Service) -> None:
    people, name = await sign_up_many(shared_service, 8), unused_handle("standing")
    moderator = await sign_up_moderator(shared_service)
    await say(people, f"#{name}")
    await comes_to(shared_service, name, (49, 8, 8, 8))
    suspended = await moderate(moderator, people[0].id, "SUSPEND")
    await comes_to(shared_service, name, (36, 7, 7, 7))
    limited = await moderate(moderator, people[1].id, "LIMIT")
    await comes_to(shared_service, name, (25, 6, 6, 6))
    for decision in (suspended, limited):
        await revoke(moderator, decision)
    await comes_to(shared_service, name, (49, 8, 8, 8))


async def test_trends_are_there_again_after_all_of_redis_is_lost(shared_service: Service) -> None:
    people, name = await sign_up_many(shared_service, 5), unused_handle("lost")
    await say(people, f"#{name}")
    await comes_to(shared_service, name, (16, 5, 5, 5))
    await shared_service.settle()
    await shared_service.stores.redis.flushdb()
    await comes_to(shared_service, name, (16, 5, 5, 5))


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_length_out_of_range_is_refused(shared_service: Service, first: int) -> None:
    answer = await shared_service.ask(TRENDS, {"first": first})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
