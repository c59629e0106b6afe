"""A deleted person stands in no document and in no key; whatever is stored anew has to say here what it holds."""

import inspect
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from core.ids import UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from core.settings import Switch
from datastore.admin.indexes import INDEXES
from datastore.moderation.reports import GivenReport
from datastore.redis import keys
from datastore.stores import Stores
from schema.values.nodes import NodeType, decode_id
from tests.datastore.moderation.deciding import about_person, decide
from tests.support.mails.mailbox import CHANGE_HANDLE, LOGIN, REQUEST_RESET
from tests.support.people import FOLLOW, HOME, PASSWORD, Person, sign_up
from tests.support.pictures import png, ready
from tests.support.scenarios.campaigns import advertise, page, recorded, tokens
from tests.support.scenarios.notifications import BLOCK, LIKE, MUTE, MUTE_WORDS, PREFER, PROFILE, READ, RETWEET
from tests.support.scenarios.push import subscribed
from tests.support.scenarios.scoped_tokens import created
from tests.support.scenarios.timelines.edits import EDIT
from tests.support.service import Service
from tests.support.waiting import eventually

OWN_DATABASE = True
SETTINGS = {"ad_spacing": 1, "fanout_limit": 1, "smtp_url": None, "push_to_loopback": Switch.ON}

HOLDING_PEOPLE = {
    *("users", "sessions", "tweets", "likes", "bookmarks", "follows", "follow_requests", "blocks", "mutes"),
    *("tag_follows", "dislikes", "notifications", "notification_acts", "notification_states", "post_keys"),
    *("campaigns", "impressions", "unwanted_ads", "access_tokens", "media", "lists", "list_members"),
    *("caught_mails", "mail_tokens", "known_devices", "former_handles", "push_subscriptions", "pushes"),
    *("reports", "reporters", "decisions", "conversation_mutes"),
}
"""Collections whose documents name people until their account is deleted."""
DONE_SOON = {"outbox", "notices", "undone_acts", "count_changes", "people_changes", "mails"}
"""Collections whose documents name people until a worker has done what they say."""
KEPT = {"moderation_log"}
"""Collections that keep the ids of deleted people on purpose."""
WITHOUT_PEOPLE = {"derived_fields", "role_locks", "filters", "vapid_keys"}
MARK = "mutation Mark($id: ID!) { bookmark(tweetId: $id) { userErrors { code } } }"
LESS = "mutation Less($id: ID!) { notInterested(tweetId: $id) { userErrors { code } } }"
TAG = 'mutation { followHashtag(name: "rooks") { userErrors { code } } }'
POSITION = "mutation Read($cursor: String!) { setHomeReadCursor(cursor: $cursor) { userErrors { code } } }"
TOP = "{ homeTimeline(first: 1, mode: TOP) { edges { cursor } pageInfo { endCursor } } }"
CREATE_LIST = "mutation Create($input: ListInput!) { createList(input: $input) { list { id } userErrors { code } } }"
ADD_TO_LIST = "mutation Add($id: ID!, $userId: ID!) { addToList(id: $id, userId: $userId) { userErrors { code } } }"
LIST = """query List($id: ID!) { list(id: $id) { members(first: 9) { edges { node { handle } } }
  timeline(first: 9) { edges { node { ... on Tweet { id media { id } } } } } } }"""
MUTE_THREAD = "mutation Mute($id: ID!) { muteConversation(tweetId: $id) { userErrors { code } } }"
LEAVE = "mutation Leave($password: String!) { deleteAccount(password: $password) { userErrors { code } } }"


def test_every_key_of_a_person_is_among_those_that_are_erased() -> None:
    person, known = UserId(1 << 60), set(keys.of_person(UserId(1 << 60)))
    subjects = {keys.home, keys.notifications, keys.of_person}
    for name, make in inspect.getmembers(keys, inspect.isfunction):
        given = list(inspect.signature(make).parameters)
        if given[:1] != ["user_id"] or make in subjects or name.startswith("_"):
            continue
        made = make(person, *[7] * (len(given) - 1))
        assert made in known or str(person) not in str(made), f"{name} holds a person: add it to keys.of_person"
    assert all(str(person) in name for name in known)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_deleted_person_is_in_no_document_and_in_no_key(shared_service: Service) -> None:
    stores = shared_service.stores
    alice = await busy_person(shared_service)
    await shared_service.settle()
    names = {row async for row in _names(stores)} | set(INDEXES)
    assert names <= HOLDING_PEOPLE | DONE_SOON | KEPT | WITHOUT_PEOPLE, "say what a new collection holds"
    assert await documents_of(stores, alice) - DONE_SOON == HOLDING_PEOPLE, "let alice do what writes it"

    async def is_in_keys() -> bool:
        await alice.ask(HOME, first=10, after=None, before=None)  # a late job may have forgotten a row
        return {"home", "live", "log", "user", "view", "marks", "audience", "listed"} <= await kinds_of_keys(
            stores, alice
        )

    await eventually(is_in_keys, within=20.0)

    await alice.act(LEAVE, password=PASSWORD)

    async def is_erased() -> bool:
        return not await documents_of(stores, alice) and not await kinds_of_keys(stores, alice)

    try:
        await eventually(is_erased, within=20.0)
    except AssertionError:
        left = await documents_of(stores, alice), await kinds_of_keys(stores, alice)
        raise AssertionError(f"left of the person: {left}") from None
    async for row in stores.mongo.collection("tweets").find({"text": {"$regex": alice.handle}}):
        assert (row["mentioned"], row["reply_to_author"]) == ([None], 0)


async def busy_person(service: Service) -> Person:
    """Somebody with every kind of act by them and on them."""
    alice, bob, carol, dave = [await sign_up(service, name) for name in ("alice", "bob", "carol", "dave")]
    await carol.act(PROFILE, input={"isProtected": True})
    his, hers = await bob.post("his #rooks"), await alice.post("hers", idempotencyKey="one")
    await advertise(bob, "buy this")
    await advertise(alice, "buy that")
    for follower, followee in ((alice, bob), (bob, alice), (dave, bob), (alice, carol), (dave, alice)):
        await follower.act(FOLLOW, id=followee.id)
    for liker, liked in ((alice, his), (bob, hers)):
        for act in (LIKE, RETWEET, MARK, LESS):
            await liker.act(act, id=liked)
    for blocker, blocked in ((alice, dave), (carol, alice)):
        await blocker.act(BLOCK, id=blocked.id)
        await blocker.act(MUTE, id=blocked.id)
    await alice.act(FOLLOW, id=(await protected(service)).id)
    await bob.post(f"look, @{alice.handle}", inReplyTo=hers)
    await alice.act(MUTE_THREAD, id=his)
    edited = await bob.post(f"an earlier version for @{alice.handle}")
    await bob.act(EDIT, input={"id": edited, "text": "a later one for nobody"})
    await alice.post(f"look, @{bob.handle}", quoted=his)
    await alice.act(TAG)
    await created(alice, "READ")
    await subscribed(alice, "http://127.0.0.1:9/1")
    picture = await ready(alice, png())
    await alice.post("a picture", media=[picture["id"]])
    await in_lists(alice, bob)
    await with_credentials(service, alice)
    await reported(service.stores, alice, bob)
    await alice.act(MUTE_WORDS, words=["crow"])
    await alice.act(PREFER, kind="LIKE", audience="FOLLOWING")
    await service.settle()
    await read_everything(alice, bob)
    await service.settle()
    return alice


async def in_lists(alice: Person, bob: Person) -> None:
    for owner, member in ((alice, bob), (bob, alice)):
        created = await owner.act(CREATE_LIST, input={"name": "Birds"})
        await owner.act(ADD_TO_LIST, id=created["list"]["id"], userId=member.id)
        await owner.ask(LIST, id=created["list"]["id"])


async def with_credentials(service: Service, alice: Person) -> None:
    """A mail with a token, a device that is known, and a handle of before."""
    await service.ask(REQUEST_RESET, {"login": alice.handle})
    wanted = {"login": alice.handle, "password": PASSWORD, "device": {"kind": "IOS"}}
    assert (await service.ask(LOGIN, {"input": wanted}))["data"]["login"]["tokens"]
    await alice.act(CHANGE_HANDLE, handle=f"{alice.handle}_", password=PASSWORD)


async def reported(stores: Stores, alice: Person, bob: Person) -> None:
    """They report each other, and moderators warn her."""
    ids = [UserId(decode_id(person.id, NodeType.USER)) for person in (alice, bob)]
    for reporter, person in (ids, reversed(ids)):
        subject = Subject(SubjectKind.PERSON, person)
        given = GivenReport(stores.ids(), subject, person, reporter, ReportReason.SPAM, None, "seen")
        await stores.moderation.reports.insert(given)
    await decide(stores, None, about_person(stores, ids[0], ModerationAction.WARN))


async def protected(service: Service) -> Person:
    erin = await sign_up(service, "erin")
    await erin.act(PROFILE, input={"isProtected": True})
    return erin


async def read_everything(alice: Person, bob: Person) -> None:
    async with alice.socket() as socket:
        await socket.watch_home((await alice.home())["headCursor"])
        await bob.post("while she is live")
        await socket.event()
        home = (await alice.ask(HOME, first=10, after=None, before=None))["homeTimeline"]
        await alice.act(POSITION, cursor=home["edges"][0]["cursor"])
        await alice.act(READ, upTo=None)
        await alice.ask(TOP)

        async def has_recorded() -> bool:
            shown = tokens((await page(alice, 10))["edges"])
            return bool(shown) and await recorded(alice, *shown) > 0

        await eventually(has_recorded)


async def documents_of(stores: Stores, person: Person) -> set[str]:
    """Collections with a document that holds the person's id, handle key or address."""
    found = set[str]()
    async for name in _names(stores):
        async for row in stores.mongo.collection(name).find():
            if any(_is_of(value, person) for value in _values(row)):
                found.add(name)
                break
    return found


async def _names(stores: Stores) -> Any:
    for name in await stores.mongo.database.list_collection_names():
        yield name


def _values(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for one in value.values():
                yield from _values(one)
        case list():
            for one in value:
                yield from _values(one)
        case _:
            yield value


def _is_of(value: Any, person: Person) -> bool:
    number = decode_id(person.id, NodeType.USER)
    match value:
        case int():
            return value == number
        case str():
            return str(number) in value or f"{person.handle}@" in value
        case bytes():
            return _is_in(value, number)
        case _:
            return False


def _is_in(raw: bytes, number: int) -> bool:
    return str(number).encode() in raw or number.to_bytes(8, "big") in raw or msgspec.msgpack.encode(number) in raw


async def kinds_of_keys(stores: Stores, person: Person) -> set[str]:
    """First words of the names of keys that hold the person's id in their name or their value."""
    number, found = decode_id(person.id, NodeType.USER), set[str]()
    async for name in stores.redis.scan_iter(count=1_000):
        if _is_in(name, number) or any(_is_in(part, number) for part in await _parts_of(stores.redis, name)):
            found.add(name.decode().partition(":")[0])
    return found


async def _parts_of(redis: Redis, name: bytes) -> list[bytes]:
    """The values under the key, in whatever they lie."""
    parts: Any
    match await redis.type(name):
        case b"string":
            parts = [await redis.get(name)]
        case b"list":
            parts = await redis.lrange(name, 0, -1)
        case b"zset":
            parts = await redis.zrange(name, 0, -1)
        case b"stream":
            entries: Any = await redis.xrange(name)
            parts = [part for _, fields in entries for part in fields.values()]
        case _:
            return []
    return [part for part in parts if part is not None]
