"""Sessions: each refresh token is valid once, and an ended session is refused at once."""

import asyncio
from datetime import timedelta

import pytest

from core.auth.tokens import REFRESH_LIFETIME, utc_now
from core.devices import Device, DeviceKind
from core.ids import SessionId, UserId
from datastore.auth.session_records import SessionRecord
from datastore.credentials.addresses import Change
from datastore.embedded.stores import free_port
from datastore.jobs.jobs import DeleteAccount
from datastore.mongo.existence import GoneError
from datastore.redis import keys
from datastore.stores import Stores
from tests.datastore.opened import new_user, opened_stores

ALICE, BOB = UserId(1), UserId(2)
PHONE = Device(DeviceKind.IOS, "1.2", "de_CH")


async def signed_in(stores: Stores, user_id: UserId = ALICE) -> SessionRecord:
    account = {"handle_key": str(user_id), "email_key": str(user_id)}
    await stores.mongo.collection("users").update_one({"_id": user_id}, {"$set": account}, upsert=True)
    return await stores.users.sessions.insert(SessionId(stores.ids()), user_id, PHONE)


async def expires_in(stores: Stores, session_id: SessionId) -> timedelta:
    row = await stores.mongo.collection("sessions").find_one({"_id": session_id})
    left: timedelta = row["expires_at"] - utc_now()
    return left


async def run_out(stores: Stores, session_id: SessionId) -> None:
    past = {"expires_at": utc_now() - timedelta(seconds=1)}
    await stores.mongo.collection("sessions").update_one({"_id": session_id}, {"$set": past})


async def test_a_session_says_whose_it_is_and_on_which_device(opened: Stores) -> None:
    session = await signed_in(opened)
    assert (session.user_id, session.device, session.generation) == (ALICE, PHONE, 0)
    assert timedelta() <= utc_now() - session.created_at < timedelta(seconds=10)
    assert session.last_used_at == session.created_at
    found = await opened.users.sessions.get(session.id)
    assert found is not None
    assert (found.id, found.user_id, found.device, found.generation) == (session.id, ALICE, PHONE, 0)
    assert abs(found.created_at - session.created_at) < timedelta(milliseconds=1)
    assert await opened.users.sessions.get(SessionId(9)) is None


async def used_earlier(stores: Stores, session_id: SessionId, seconds: float) -> None:
    """Makes all uses of the session's refresh tokens so much older."""
    sessions = stores.mongo.collection("sessions")
    row = await sessions.find_one({"_id": session_id})
    older = [at - timedelta(seconds=seconds) for at in row["rotations"]]
    await sessions.update_one({"_id": session_id}, {"$set": {"rotations": older}})


async def test_refresh_tokens_serve_in_order_and_a_second_use_has_the_first_ones_time(opened: Stores) -> None:
    session, rotate = await signed_in(opened), opened.users.sessions.rotate
    first = await rotate(session.id, 0)
    assert first is not None
    assert await rotate(session.id, 0) == first
    second = await rotate(session.id, 1)
    assert second is not None
    assert second >= first
    assert [await rotate(session.id, generation) for generation in (0, 1)] == [first, second]
    assert [found.generation for found in await opened.users.sessions.of_user(ALICE)] == [2]
    assert await rotate(SessionId(9), 0) is None


async def test_a_second_use_is_refused_after_ten_seconds(opened: Stores) -> None:
    session, rotate = await signed_in(opened), opened.users.sessions.rotate
    first = await rotate(session.id, 0)
    assert first is not None
    await used_earlier(opened, session.id, 8)
    assert await rotate(session.id, 0) == first - timedelta(seconds=8)
    await used_earlier(opened, session.id, 3)
    assert await rotate(session.id, 0) is None
    assert await rotate(session.id, 1) is not None


async def test_a_session_of_before_has_no_times_of_use(opened: Stores) -> None:
    session, rotate = await signed_in(opened), opened.users.sessions.rotate
    await opened.mongo.collection("sessions").update_one({"_id": session.id}, {"$set": {"generation": 3}})
    assert [await rotate(session.id, generation) for generation in (0, 2)] == [None, None]
    assert await rotate(session.id, 3) is not None


async def test_a_token_issued_after_the_backup_that_is_restored_serves_and_the_row_catches_up(opened: Stores) -> None:
    session, rotate = await signed_in(opened), opened.users.sessions.rotate
    for generation in (0, 1):
        await rotate(session.id, generation)
    served = await asyncio.gather(*[rotate(session.id, 5) for _ in range(10)])
    assert len(set(served)) == 1
    assert None not in served
    assert [found.generation for found in await opened.users.sessions.of_user(ALICE)] == [6]
    assert [await rotate(session.id, generation) for generation in (0, 1, 4)] == [None, None, None]
    assert await rotate(session.id, 6) is not None
    await used_earlier(opened, session.id, 11)
    assert [await rotate(session.id, generation) for generation in (5, 6)] == [None, None]


async def test_all_who_show_one_token_at_once_are_served_alike(opened: Stores) -> None:
    session = await signed_in(opened)
    served = await asyncio.gather(*[opened.users.sessions.rotate(session.id, 0) for _ in range(10)])
    assert len(set(served)) == 1
    assert None not in served
    assert [found.generation for found in await opened.users.sessions.of_user(ALICE)] == [1]


async def test_a_refresh_lengthens_the_session_and_says_when_it_was_used(opened: Stores) -> None:
    session = await signed_in(opened)
    past = {"expires_at": utc_now() + timedelta(days=1), "last_used_at": utc_now() - timedelta(days=59)}
    await opened.mongo.collection("sessions").update_one({"_id": session.id}, {"$set": past})
    assert await opened.users.sessions.rotate(session.id, 0)
    assert REFRESH_LIFETIME - timedelta(seconds=30) < await expires_in(opened, session.id) <= REFRESH_LIFETIME
    (found,) = await opened.users.sessions.of_user(ALICE)
    assert utc_now() - found.last_used_at < timedelta(seconds=30)


async def test_a_session_that_ran_out_is_none(opened: Stores) -> None:
    session = await signed_in(opened)
    await run_out(opened, session.id)
    assert not await opened.users.sessions.rotate(session.id, 0)
    assert await opened.users.sessions.get(session.id) is None
    assert await opened.users.sessions.of_user(ALICE) == []


async def test_somebodys_sessions_come_last_used_first(opened: Stores) -> None:
    first, second, third = [await signed_in(opened) for _ in range(3)]
    await signed_in(opened, BOB)
    ages = {first.id: 3, second.id: 1, third.id: 2}
    for session_id, age in ages.items():
        used = {"last_used_at": utc_now() - timedelta(minutes=age)}
        await opened.mongo.collection("sessions").update_one({"_id": session_id}, {"$set": used})
    assert [session.id for session in await opened.users.sessions.of_user(ALICE)] == [second.id, third.id, first.id]


async def test_an_ended_session_is_refused_at_once_and_its_sockets_hear_of_it(opened: Stores) -> None:
    ended, other = await signed_in(opened), await signed_in(opened)
    assert await opened.users.sessions.get(ended.id) is not None
    async with opened.redis.pubsub() as sockets:
        await sockets.ssubscribe(keys.session_channel(ended.id))
        await sockets.get_message(timeout=5)

        assert await opened.users.sessions.delete(ended.id) == 1

        message = await sockets.get_message(ignore_subscribe_messages=True, timeout=5)
    assert message is not None
    assert message["data"] == b"ended"
    assert await opened.users.sessions.get(ended.id) is None
    assert not await opened.users.sessions.rotate(ended.id, 0)
    assert [session.id for session in await opened.users.sessions.of_user(ALICE)] == [other.id]


async def test_ending_counts_the_sessions_there_were(opened: Stores) -> None:
    sessions = [await signed_in(opened) for _ in range(3)]
    assert await opened.users.sessions.delete() == 0
    assert await opened.users.sessions.delete(sessions[0].id, SessionId(9)) == 1
    assert await opened.users.sessions.delete(*[session.id for session in sessions]) == 2


async def test_a_session_that_was_looked_at_is_known_for_a_minute(opened: Stores) -> None:
    session = await signed_in(opened)
    await opened.users.sessions.get(session.id)
    assert 0 < await opened.redis.pttl(keys.session(session.id)) <= 72_000


async def test_sessions_begin_and_end_without_redis(store_database: str) -> None:
    async with opened_stores(store_database, f"redis://127.0.0.1:{free_port()}") as stores:
        session = await signed_in(stores)
        assert await stores.users.sessions.get(session.id) is not None
        assert await stores.users.sessions.rotate(session.id, 0)
        assert await stores.users.sessions.delete(session.id) == 1
        assert await stores.users.sessions.get(session.id) is None


async def test_no_session_begins_with_the_password_of_before(opened: Stores) -> None:
    alice, sessions = await new_user(opened, "alice"), opened.users.sessions
    kept, other = [await sessions.insert(SessionId(opened.ids()), alice, PHONE) for _ in range(2)]
    assert await opened.credentials.passwords.change(alice, "new hash", kept.id, Change(), sign_in_generation=0)
    with pytest.raises(GoneError):
        await sessions.insert(SessionId(opened.ids()), alice, PHONE)
    newer = await sessions.insert(SessionId(opened.ids()), alice, PHONE, sign_in_generation=1)
    assert {session.id for session in await sessions.of_user(alice)} == {kept.id, newer.id}
    assert await sessions.get(other.id) is None
    assert [await sessions.rotate(one.id, 0) is not None for one in (kept, other, newer)] == [True, False, True]


async def test_a_session_of_an_earlier_password_is_not_refreshed(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    session = await opened.users.sessions.insert(SessionId(opened.ids()), alice, PHONE)
    await opened.mongo.collection("users").update_one({"_id": alice}, {"$set": {"sign_in_generation": 1}})
    assert await opened.users.sessions.rotate(session.id, 0) is None


async def test_no_session_begins_while_the_account_is_being_deleted(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    before = await opened.users.sessions.insert(SessionId(opened.ids()), alice, PHONE)
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), alice))
    assert await opened.users.sessions.get(before.id) is None
    with pytest.raises(GoneError):
        await opened.users.sessions.insert(SessionId(opened.ids()), alice, PHONE)


async def test_a_person_has_100_sessions_at_most_and_the_oldest_ends(opened: Stores) -> None:
    sessions = [await signed_in(opened) for _ in range(100)]
    others = await signed_in(opened, BOB)
    await opened.users.sessions.delete_oldest(ALICE)
    assert len(await opened.users.sessions.of_user(ALICE)) == 100
    newest = await signed_in(opened)
    await opened.users.sessions.delete_oldest(ALICE)
    left = {session.id for session in await opened.users.sessions.of_user(ALICE)}
    assert left == {session.id for session in [*sessions[1:], newest]}
    assert await opened.users.sessions.get(sessions[0].id) is None
    assert await opened.users.sessions.get(others.id) is not None
