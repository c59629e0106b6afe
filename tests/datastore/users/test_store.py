"""Accounts: unique handles and addresses, cached profiles, counts, and uncached private data."""

import asyncio
from datetime import date

import pytest

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import SessionId, UserId
from datastore.credentials.addresses import Change
from datastore.jobs.jobs import AcceptFollowRequests, DeleteAccount
from datastore.records.users import AccountRecord, UserCounts, UserRecord
from datastore.redis import keys
from datastore.stores import Stores
from datastore.users.former_handles import FORMER_HANDLES
from datastore.users.store import TakenError
from tests.datastore.opened import follow, is_fanout_on_read, new_tweet, new_user, new_users

NOBODY = UserId(1)


def account_of(
    stores: Stores, handle: str = "Alice", email: str = "Alice@Example.org", born: date | None = None
) -> AccountRecord:
    return AccountRecord(UserRecord(UserId(stores.ids()), handle, "Alice"), email, "hash", born)


async def test_an_account_is_found_by_id_handle_and_address(opened: Stores) -> None:
    account = account_of(opened, born=date(1990, 2, 28))
    await opened.users.accounts.insert(account)
    assert await opened.users.accounts.get_account(account.user.id) == account
    assert await opened.users.accounts.account_by_login("alice") == account
    assert await opened.users.accounts.account_by_login("alice@example.org") == account
    assert await opened.users.accounts.account_by_login("example.org") is None
    assert await opened.users.accounts.get_account(NOBODY) is None


async def test_a_profile_says_what_everybody_may_see(opened: Stores) -> None:
    account = account_of(opened)
    await opened.users.accounts.insert(account)
    assert await opened.users.accounts.get(account.user.id) == UserRecord(account.user.id, "Alice", "Alice")
    assert await opened.users.counts.get_many([account.user.id]) == [UserCounts(0, 0, 0)]


@pytest.mark.parametrize(
    ("handle", "email", "field"),
    [
        ("ALICE", "bob@example.org", "handle"),
        ("alice", "alice@example.org", "handle"),
        ("bob", "ALICE@EXAMPLE.ORG", "email"),
    ],
)
async def test_what_somebody_has_is_taken_in_whatever_case(opened: Stores, handle: str, email: str, field: str) -> None:
    await opened.users.accounts.insert(account_of(opened))
    with pytest.raises(TakenError) as refusal:
        await opened.users.accounts.insert(account_of(opened, handle, email))
    assert refusal.value.field == field
    assert await opened.mongo.collection("users").count_documents({}) == 1


async def end_quarantine(stores: Stores) -> None:
    """As if 90 days had passed."""
    await stores.mongo.collection(FORMER_HANDLES).update_many({}, {"$set": {"until": utc_now()}})


async def test_of_many_who_register_one_handle_at_once_one_gets_it(opened: Stores) -> None:
    accounts = [account_of(opened, "alice", f"a{number}@example.org") for number in range(10)]
    results = await asyncio.gather(
        *[opened.users.accounts.insert(account) for account in accounts], return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType"] + ["TakenError"] * 9
    assert await opened.mongo.collection("users").count_documents({}) == 1


async def test_an_id_made_twice_is_not_mistaken_for_a_taken_handle(opened: Stores) -> None:
    account = account_of(opened)
    await opened.users.accounts.insert(account)
    twin = AccountRecord(UserRecord(account.user.id, "bob", "Bob"), "bob@example.org", "hash")
    with pytest.raises(UnavailableError):
        await opened.users.accounts.insert(twin)
    assert await opened.users.accounts.get_account(account.user.id) == account


async def test_taken_names_the_fields_in_use(opened: Stores) -> None:
    await opened.users.accounts.insert(account_of(opened))
    assert await opened.users.accounts.in_use("ALICE", "aLice@example.org") == ["handle", "email"]
    assert await opened.users.accounts.in_use("bob", "alice@example.org") == ["email"]
    assert await opened.users.accounts.in_use("Alice", "bob@example.org") == ["handle"]
    assert await opened.users.accounts.in_use("bob", "bob@example.org") == []


async def test_people_come_in_the_order_asked_and_none_for_nobody(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    found = await opened.users.accounts.get_many([bob, NOBODY, alice, bob])
    assert [user and user.id for user in found] == [bob, None, alice, bob]
    assert await opened.users.counts.get_many([NOBODY]) == [UserCounts()]


async def test_handles_lead_to_ids(opened: Stores) -> None:
    account = account_of(opened)
    await opened.users.accounts.insert(account)
    assert await opened.users.accounts.ids_by_handle(["alice", "bob"]) == {"alice": account.user.id}
    assert await opened.users.accounts.ids_by_handle(["Alice"]) == {}
    assert await opened.users.accounts.ids_by_handle([]) == {}


async def test_handle_that_is_remembered_is_somebody_elses_once_it_is_given_up(opened: Stores) -> None:
    account = account_of(opened)
    alice = account.user.id
    await opened.users.accounts.insert(account)
    assert [await opened.users.accounts.by_handle("alice") for _ in range(2)] == [account.user] * 2
    assert await opened.users.accounts.by_handle("bob") is None

    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), alice))
    assert await opened.users.accounts.by_handle("alice") is None

    await opened.users.accounts.delete(alice)
    await end_quarantine(opened)
    await opened.users.accounts.insert(other := account_of(opened))
    assert [await opened.users.accounts.by_handle("alice") for _ in range(2)] == [other.user] * 2


async def test_pages_hold_everybody_once(opened: Stores) -> None:
    everybody = [await new_user(opened) for _ in range(5)]
    assert [page async for page in opened.users.accounts.id_pages(2)] == [everybody[:2], everybody[2:4], everybody[4:]]


async def test_the_first_who_registers_ends_the_emptiness(opened: Stores) -> None:
    assert await opened.users.accounts.is_empty()
    await new_user(opened)
    assert not await opened.users.accounts.is_empty()


async def test_a_changed_profile_is_seen_at_once(opened: Stores) -> None:
    alice = await new_user(opened)
    before = await opened.users.accounts.get(alice)
    assert before is not None
    changed = await opened.users.accounts.update_profile(alice, {"name": "A", "bio": "rook", "is_protected": True})
    assert changed == UserRecord(alice, before.handle, "A", "rook", None, is_protected=True)
    assert await opened.users.accounts.get(alice) == changed
    assert await opened.users.accounts.update_profile(NOBODY, {"name": "A"}) is None


async def test_a_change_leaves_the_job_that_follows_it(opened: Stores) -> None:
    alice = await new_user(opened)
    job = AcceptFollowRequests(opened.ids(), alice)
    await opened.users.accounts.update_profile(alice, {"is_protected": False}, accept_requests=job)
    await opened.users.accounts.update_profile(
        NOBODY, {"is_protected": False}, accept_requests=AcceptFollowRequests(opened.ids(), NOBODY)
    )
    assert await opened.jobs.outbox.unfinished(-1_000, 10) == [job]


async def test_a_changed_password_is_the_accounts(opened: Stores) -> None:
    alice = await new_user(opened)
    passwords = opened.credentials.passwords
    for generation, new in enumerate(("another hash", "a third hash")):
        assert await passwords.change(alice, new, SessionId(1), Change(), sign_in_generation=generation)
        account = await opened.users.accounts.get_account(alice)
        assert account is not None
        assert (account.password_hash, account.sign_in_generation) == (new, generation + 1)
        assert not await passwords.change(alice, "late", SessionId(1), Change(), sign_in_generation=generation)


async def test_counts_follow_the_acts(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await opened.users.counts.get_many([alice, bob])
    await follow(opened, alice, bob)
    await new_tweet(opened, bob)
    await opened.users.counts.invalidate(alice, bob)
    assert await opened.users.counts.get_many([alice, bob]) == [UserCounts(0, 1, 0), UserCounts(1, 0, 1)]
    assert [await opened.users.counts.follower_count(user_id) for user_id in (alice, bob, NOBODY)] == [0, 1, 0]


async def test_counts_are_kept_for_seconds_alone(opened: Stores) -> None:
    alice = await new_user(opened)
    await opened.users.counts.get_many([alice])
    assert 0 < await opened.redis.pttl(keys.user_counts(alice)) <= 54_000


async def test_muted_words_are_those_set_last(opened: Stores) -> None:
    alice = await new_user(opened)
    assert await opened.users.muted_words.get(alice) == []
    await opened.users.muted_words.set(opened.ids(), alice, ["crow", "raven"])
    await opened.users.muted_words.set(opened.ids(), alice, ["magpie"])
    assert await opened.users.muted_words.get(alice) == ["magpie"]
    assert await opened.users.muted_words.get(NOBODY) == []


async def test_the_place_read_at_home_moves_forward_alone(opened: Stores) -> None:
    alice = await new_user(opened)
    assert await opened.timelines.read_positions.get(alice) is None
    for place in (5, 1 << 62, 7):
        await opened.timelines.read_positions.advance(alice, place)
    assert await opened.timelines.read_positions.get(alice) == 1 << 62


async def test_who_is_merged_says_so(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await opened.users.fanout_state.mark_fanout_on_read(alice)
    assert [await is_fanout_on_read(opened, user_id) for user_id in (alice, bob, NOBODY)] == [
        True,
        False,
        False,
    ]


async def test_a_deleted_account_is_gone_at_once_and_its_handle_stays_taken_for_90_days(
    opened: Stores,
) -> None:
    account = account_of(opened)
    alice = account.user.id
    await opened.users.accounts.insert(account)
    await opened.users.accounts.get(alice)
    job = DeleteAccount(opened.ids(), alice)

    await opened.users.accounts.begin_deletion(job)

    assert await opened.users.accounts.get(alice) is None
    assert await opened.users.accounts.get_account(alice) is None
    assert await opened.users.accounts.account_by_login("alice") is None
    assert await opened.users.accounts.ids_by_handle(["alice"]) == {}
    assert await opened.users.accounts.update_profile(alice, {"name": "A"}) is None
    assert [page async for page in opened.users.accounts.id_pages(10)] == []
    assert await opened.jobs.outbox.unfinished(-1_000, 10) == [job]
    with pytest.raises(TakenError):
        await opened.users.accounts.insert(account_of(opened))

    await opened.users.accounts.delete(alice)
    with pytest.raises(TakenError):
        await opened.users.accounts.insert(account_of(opened))
    assert await opened.users.accounts.in_use("Alice", "alice@example.org") == ["handle"]
    await end_quarantine(opened)
    await opened.users.accounts.insert(account_of(opened))
