"""Stored scoped tokens: most at a time, revoked by their owner alone, noted uses."""

from datetime import timedelta

import pytest

from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from core.ids import AccessTokenId, UserId
from datastore.auth.access_tokens import AccessTokenRecord
from datastore.redis import keys
from datastore.stores import Stores

ALICE, BOB = UserId(1), UserId(2)


def token(number: int, owner: UserId = ALICE, *, lasts: timedelta = timedelta(days=1)) -> AccessTokenRecord:
    now = utc_now().replace(microsecond=0)
    return AccessTokenRecord(
        AccessTokenId(number), owner, "bot", (Scope.READ,), b"digest", "https://a.example", now, now + lasts
    )


async def test_token_is_read_back_until_it_runs_out(opened: Stores) -> None:
    store, kept, over = opened.users.access_tokens, token(1), token(2, lasts=timedelta(seconds=-1))
    assert await store.insert(kept)
    assert await store.insert(over)
    assert await store.get(kept.id) == kept
    assert await store.get(over.id) is None
    assert await store.of_user(ALICE) == [kept]


async def test_person_has_so_many_and_no_more(opened: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datastore.auth.access_tokens.MOST_TOKENS", 2)
    store = opened.users.access_tokens
    assert [await store.insert(token(number)) for number in (1, 2, 3)] == [True, True, False]
    assert await store.insert(token(4, BOB))
    assert [one.id for one in await store.of_user(ALICE)] == [2, 1]


async def test_owner_alone_revokes_and_a_socket_is_told(opened: Stores) -> None:
    store = opened.users.access_tokens
    for number in (1, 2):
        assert await store.insert(token(number))
    assert await store.get(AccessTokenId(1)) is not None
    assert await store.delete(BOB, AccessTokenId(1)) == 0
    assert await store.get(AccessTokenId(1)) is not None
    async with opened.redis.pubsub() as sockets:
        await sockets.ssubscribe(keys.access_token_channel(AccessTokenId(1)))
        await sockets.get_message(timeout=5)
        assert await store.delete(ALICE, AccessTokenId(1)) == 1
        message = await sockets.get_message(ignore_subscribe_messages=True, timeout=5)
    assert message is not None
    assert message["data"] == b"revoked"
    assert await store.get(AccessTokenId(1)) is None
    assert await store.delete(ALICE, AccessTokenId(1)) == 0
    await store.delete_of(ALICE)
    assert await store.of_user(ALICE) == []
    assert await opened.mongo.collection("access_tokens").count_documents({}) == 0


async def test_use_is_noted_at_most_every_few_minutes(opened: Stores) -> None:
    store = opened.users.access_tokens
    assert await store.insert(token(1))
    for _ in range(2):
        current = await store.get(AccessTokenId(1))
        assert current is not None
        await store.note_use(current)
    noted = await store.get(AccessTokenId(1))
    assert noted is not None
    assert noted.last_used_at is not None
    assert utc_now() - noted.last_used_at < timedelta(minutes=1)
    long_ago = noted.last_used_at - timedelta(minutes=6)
    await opened.mongo.collection("access_tokens").update_one({"_id": 1}, {"$set": {"last_used_at": long_ago}})
    await store.note_use(token(1))
    again = await store.get(AccessTokenId(1))
    assert again is not None
    assert again.last_used_at is not None
    assert again.last_used_at >= noted.last_used_at
