"""Devices are told of notifications: of what, when, and how it ends. A push service on loopback decrypts."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from core.ids import wall_ms
from core.settings import Switch
from datastore.jobs.pushes import PUSHES
from datastore.jobs.queue import enqueue
from schema.types.users import decode_user_id
from tests.support.people import FOLLOW, PASSWORD, Person, sign_up
from tests.support.scenarios.notifications import BLOCK, LIKE, MUTE, PROFILE, READ, UNLIKE
from tests.support.scenarios.push import SUBSCRIPTIONS, preference, subscribed
from tests.support.scenarios.push_service import PushServiceStub, running_push_service
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_DATABASE = True
SETTINGS = {"push_to_loopback": Switch.ON}
HOUR_MS = 3_600_000
LOGIN = "mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }"
LOGOUT = "mutation { logout { deletedId userErrors { code } } }"
LEAVE = "mutation Leave($password: String!) { deleteAccount(password: $password) { userErrors { code } } }"
DELETE = "mutation Delete($id: ID!) { deleteTweet(id: $id) { userErrors { code } } }"


@pytest_asyncio.fixture(loop_scope="module")
async def pushed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PushServiceStub]:
    """A push service; pushes wait until `send_all`, so that a slow machine changes nothing."""
    monkeypatch.setattr("datastore.jobs.pushes.DELAY_MS", HOUR_MS)
    async with running_push_service() as stub:
        yield stub
        assert stub.faults == []


async def send_all(service: Service) -> None:
    """Sends all that waits; retries too."""
    await service.settle()
    due = {"due": {"$gt": 0}}
    await service.stores.mongo.collection(PUSHES).update_many(due, {"$set": {"due": wall_ms() - 60_000}})
    jobs = service.stores.jobs
    await enqueue(jobs.redis, *await jobs.outbox.pushes.overdue(wall_ms(), 100))
    await service.settle()


async def test_devices_are_told_of_what_nobody_read(shared_service: Service, pushed: PushServiceStub) -> None:
    alice, bob, carol, dave = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol", "dave")]
    there = await another_session(alice)
    await alice.act(FOLLOW, id=bob.id)
    await subscribed(alice, *pushed.browser("/all"))
    chosen = [preference("LIKE", "FOLLOWING"), preference("REPLY", "NOBODY")]
    await subscribed(there, *pushed.browser("/some"), preferences=chosen)
    await subscribed(dave, *pushed.browser("/dave"))
    liked, gone, his = await alice.post("a heron"), await alice.post("an owl"), await dave.post("a crow")

    await bob.act(LIKE, id=liked)
    await carol.act(LIKE, id=liked)
    reply = await carol.post("where?", inReplyTo=liked)
    await carol.act(LIKE, id=gone)
    await alice.act(DELETE, id=gone)
    await bob.act(LIKE, id=his)
    await bob.post(f"look, @{dave.handle}")
    await shared_service.settle()
    await dave.act(READ)
    await carol.act(LIKE, id=his)
    await dave.act(BLOCK, id=carol.id)
    await send_all(shared_service)

    first, second = sorted((one.message for one in pushed.at("/all")), key=lambda one: str(one["kind"]))
    assert (first["kind"], first["title"]) == ("LIKE", "carol and 1 other liked your tweet")
    assert (first["body"], first["path"], first["actorCount"]) == ("a heron", f"/tweets/{liked}", 2)
    assert first["actor"] == {"handle": carol.handle, "name": "carol"}
    assert (second["kind"], second["title"], second["path"]) == ("REPLY", "carol replied to you", f"/tweets/{reply}")
    assert second["body"] == "where?"
    (some,) = pushed.at("/some")
    assert (some.message["kind"], some.message["actor"]["handle"]) == ("LIKE", bob.handle)
    assert pushed.at("/dave") == []
    like = next(one for one in pushed.at("/all") if one.message["kind"] == "LIKE")
    assert (some.headers["topic"], some.message["tag"]) == (like.headers["topic"], like.message["tag"])
    assert (some.headers["urgency"], like.headers["ttl"]) == ("low", "86400")


async def test_a_group_is_told_again_of_new_acts_alone(shared_service: Service, pushed: PushServiceStub) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    await subscribed(alice, *pushed.browser("/1"))
    tweet = await alice.post("a heron")
    await bob.act(LIKE, id=tweet)
    await send_all(shared_service)
    await bob.act(UNLIKE, id=tweet)
    await bob.act(LIKE, id=tweet)
    await send_all(shared_service)
    await alice.act(MUTE, id=carol.id)
    await carol.act(LIKE, id=tweet)
    await send_all(shared_service)
    told = pushed.at("/1")
    assert [one.message["title"] for one in told] == ["bob liked your tweet"] * 2
    dave = await sign_up(shared_service, "dave")
    await dave.act(LIKE, id=tweet)
    await send_all(shared_service)
    assert pushed.at("/1")[-1].message["title"] == "dave and 1 other liked your tweet"
    await dave.act(PROFILE, input={"isProtected": True})
    await send_all(shared_service)
    assert len(pushed.at("/1")) == 3


async def test_what_the_service_says_ends_a_subscription(shared_service: Service, pushed: PushServiceStub) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    sessions = [alice, *[await another_session(alice) for _ in range(4)]]
    their: dict[str, object] = {}
    for person, path in zip(sessions, ("/404", "/410", "/403", "/503", "/left"), strict=True):
        made = await subscribed(person, *pushed.browser(path))
        their = made if path == "/503" else their
        if path != "/left":
            pushed.answers[path] = (int(path[1:]), {})
    await bob.act(FOLLOW, id=alice.id)
    await shared_service.settle()
    await sessions[4].act(LOGOUT)
    await send_all(shared_service)
    assert sorted(pushed.asked) == ["/403", "/404", "/410", "/503"]
    assert len(await of(alice)) == 2
    # It rests, and then is told nevertheless.
    pushed.answers.clear()
    await send_all(shared_service)
    assert len(pushed.asked) == 4
    subscriptions = shared_service.stores.mongo.collection("push_subscriptions")
    await subscriptions.update_many({}, {"$set": {"rests_until": 0}})
    await send_all(shared_service)
    assert [one.path for one in pushed.received] == ["/503"]
    assert len(await of(alice)) == 2
    # After ten refusals without a success it is over; failures of the service do not count.
    pushed.answers |= {"/403": (403, {}), "/503": (403, {})}
    await subscriptions.update_many({}, {"$set": {"failures": 20}})
    await subscriptions.update_one({"endpoint": f"{pushed.origin}/403"}, {"$set": {"refusals": 9}})
    carol = await sign_up(shared_service, "carol")
    await carol.act(FOLLOW, id=alice.id)
    await send_all(shared_service)
    assert [one.path for one in pushed.received] == ["/503"]
    assert len(pushed.asked) == 7
    assert [one["sessionId"] for one in await of(alice)] == [their["sessionId"]]


async def test_a_deleted_account_is_told_of_nothing(shared_service: Service, pushed: PushServiceStub) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await subscribed(alice, *pushed.browser("/1"))
    await bob.act(FOLLOW, id=alice.id)
    await shared_service.settle()
    pushes = shared_service.stores.mongo.collection(PUSHES)
    of_alice = {"user": decode_user_id(alice.id)}
    assert await pushes.count_documents(of_alice) == 1
    await alice.act(LEAVE, password=PASSWORD)

    async def is_gone() -> bool:
        return not await pushes.count_documents(of_alice)

    await eventually(is_gone, within=20.0)
    await send_all(shared_service)
    assert pushed.asked == []


async def of(person: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await person.ask(SUBSCRIPTIONS))["viewer"]["pushSubscriptions"]
    return found


async def another_session(person: Person) -> Person:
    answer = await person.act(LOGIN, input={"login": person.handle, "password": PASSWORD})
    return replace(person, token=answer["tokens"]["accessToken"])
