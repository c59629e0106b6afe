"""Hidden content is gone within seconds, though Redis takes no writes or the API process died.

One API process acts; the other has the rows of before in its cache.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from core.ids import TweetId, UserId
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import DeleteAccount, ForgetProfile, PublishViewChange, Retract
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import open_redis
from schema.values.nodes import NodeType, decode_id
from tests.support.people import DELETE, PASSWORD, Person, connected, sign_up
from tests.support.scenarios.notifications import BLOCK, PROFILE
from tests.support.service import (
    NO_AUTHORITIES,
    TIMEOUT_SECONDS,
    Service,
    running_api,
    running_service,
    running_workers,
    settings_for,
)
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

pytestmark = pytest.mark.lengthy
WITHIN = 5.0
SEEN = """query Seen($tweet: ID!, $author: ID!) { tweet(id: $tweet) { id } viewer { user { id } }
  node(id: $author) { ... on User { bio } } }"""
LOGOUT = "mutation { logout { userErrors { code } } }"
LEAVE = "mutation Leave($password: String!) { deleteAccount(password: $password) { userErrors { code } } }"
Act = Callable[["Scene"], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Scene:
    """`author` and `reader` act at one server; `there` is the reader at the other."""

    author: Person
    reader: Person
    tweet: str

    def there(self, other: Service) -> Person:
        return replace(self.reader, service=other)

    async def seen(self, other: Service) -> tuple[bool, bool, bool]:
        """Whether the reader sees tweet, bio, and that they are signed in."""
        variables = {"tweet": self.tweet, "author": self.author.id}
        found: dict[str, Any] = (await other.ask(SEEN, variables, self.reader.token))["data"]
        bio = (found["node"] or {}).get("bio")
        return found["tweet"] is not None, bio == "a secret", found["viewer"] is not None


ACTS: dict[str, tuple[Act, tuple[bool, bool, bool]]] = {
    "block": (lambda scene: scene.author.act(BLOCK, id=scene.reader.id), (False, False, True)),
    "protection": (lambda scene: scene.author.act(PROFILE, input={"isProtected": True}), (False, False, True)),
    "deletion": (lambda scene: scene.author.act(DELETE, id=scene.tweet), (False, True, True)),
    "account": (lambda scene: scene.author.act(LEAVE, password=PASSWORD), (False, False, True)),
    "bio": (lambda scene: scene.author.act(PROFILE, input={"bio": None}), (True, False, True)),
    "sign-out": (lambda scene: scene.reader.act(LOGOUT), (True, True, False)),
}


@asynccontextmanager
async def two_servers(database: str, redis_url: str) -> AsyncIterator[tuple[Service, Service]]:
    """Without workers, which in a real outage are as good as away."""
    settings = settings_for(database, redis_url, rate_limit="off")
    async with (
        running_service(settings, with_workers=False) as service,
        running_api(settings) as url,
        httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, verify=NO_AUTHORITIES) as http,
    ):
        yield service, replace(service, url=url, http=http)


async def scenes_at(service: Service, other: Service) -> dict[str, Scene]:
    """One for each act, made at once: rows are cached only some seconds after their last change."""
    scenes = await asyncio.gather(*[scene_at(service, other) for _ in ACTS])
    return dict(zip(ACTS, scenes, strict=True))


async def scene_at(service: Service, other: Service) -> Scene:
    author, reader = await sign_up(service, "alice"), await sign_up(service, "bob")
    await author.act(PROFILE, input={"bio": "a secret"})
    scene = Scene(author, reader, await author.post("for some"))

    async def is_cached() -> bool:
        names = [keys.user(number_of(author)), keys.viewpoint(number_of(reader)), keys.tweet(tweet_of(scene))]
        rows = [await service.stores.redis.get(name) for name in names]
        return await scene.seen(other) == (True, True, True) and all(rows)

    await eventually(is_cached, within=TIMEOUT_SECONDS)
    return scene


def number_of(person: Person) -> UserId:
    return UserId(decode_id(person.id, NodeType.USER))


def tweet_of(scene: Scene) -> TweetId:
    return TweetId(decode_id(scene.tweet, NodeType.TWEET))


async def test_no_act_waits_for_a_redis_that_takes_no_writes(
    service_database: str, own_valkey: Callable[[], Awaitable[OwnStore]]
) -> None:
    store = await own_valkey()
    async with two_servers(service_database, store.url) as (service, other), open_redis(store.url) as redis:
        scenes = await scenes_at(service, other)
        async with refusing_writes(redis):
            await asyncio.gather(*[_takes_effect(name, scenes[name], other) for name in ACTS])
        async with running_workers(service.stores):
            await service.settle()
        for name, (_, expected) in ACTS.items():
            assert await scenes[name].seen(other) == expected, name


async def _takes_effect(name: str, scene: Scene, other: Service) -> None:
    act, expected = ACTS[name]
    await act(scene)
    await eventually(partial(is_seen, scene, other, expected), WITHIN)


async def is_seen(scene: Scene, other: Service, expected: tuple[bool, bool, bool]) -> bool:
    return await scene.seen(other) == expected


@asynccontextmanager
async def refusing_writes(redis: Redis) -> AsyncIterator[None]:
    """As a replica that was not promoted, or a server whose disk is full: it answers reads alone."""
    await redis.config_set("min-replicas-to-write", 9)
    try:
        yield
    finally:
        await redis.config_set("min-replicas-to-write", 0)


async def test_an_act_whose_process_died_before_it_told_redis_takes_effect(
    service_database: str, redis_url: str
) -> None:
    async with two_servers(service_database, redis_url) as (service, other):
        scenes = await scenes_at(service, other)
        async with connected(other, scenes["sign-out"].reader.token) as socket:
            for name, scene in scenes.items():
                await committed_alone(service, name, scene)
            assert await socket.closing(WITHIN) == 4401
        for name, (_, expected) in ACTS.items():
            await eventually(partial(is_seen, scenes[name], other, expected), WITHIN)
        async with running_workers(service.stores):
            await service.settle()
        kept = [keys.user(number_of(scenes["protection"].author)), keys.viewpoint(number_of(scenes["block"].reader))]
        assert not any([await service.stores.redis.get(name) for name in kept])
        for name, (_, expected) in ACTS.items():
            assert await scenes[name].seen(other) == expected, name


async def committed_alone(service: Service, name: str, scene: Scene) -> None:
    """Does in MongoDB what the act does there, and nothing else."""
    stores, author, reader = service.stores, number_of(scene.author), number_of(scene.reader)
    users, ids = stores.mongo.collection("users"), stores.ids
    outbox = stores.jobs.outbox

    async def commit(session: Any) -> None:
        match name:
            case "block":
                row = {"_id": ids(), "user": author, "target": reader}
                await stores.mongo.collection("blocks").insert_one(row, session=session)
                change = ViewChange(ViewChangeKind.BLOCKED_BY, author)
                await outbox.add(session, PublishViewChange(ids(), reader, change))
            case "protection":
                await users.update_one({"_id": author}, {"$set": {"is_protected": True}}, session=session)
                await outbox.add(session, ForgetProfile(ids(), author))
            case "deletion":
                job = Retract(ids(), tweet_of(scene), author, ItemKind.TWEET)
                await stores.mongo.collection("tweets").delete_one({"_id": job.item_id}, session=session)
                await outbox.add(session, job)
            case "account":
                await users.update_one({"_id": author}, {"$set": {"is_deleted": True}}, session=session)
                await outbox.add(session, DeleteAccount(ids(), author))
            case "bio":
                await users.update_one({"_id": author}, {"$set": {"bio": None}}, session=session)
                await outbox.add(session, ForgetProfile(ids(), author))
            case _:
                await stores.users.sessions.end_all_within(session, reader)

    await stores.mongo.in_transaction(commit)
