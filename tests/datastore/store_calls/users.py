"""Calls of the stores of users and of the relations between them."""

from datetime import timedelta
from time import monotonic

from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from core.devices import UNKNOWN_DEVICE
from core.ids import AccessTokenId, ListId, SessionId, UserId, wall_ms
from core.roles import Role
from datastore.auth.access_tokens import AccessTokenRecord
from datastore.cache.pending_read import resolve_reads
from datastore.counts.increments import PendingIncrement
from datastore.graph.lists import ListRecord
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import (
    EndAccessTokens,
    EndSessions,
    Merge,
    MergeTag,
    PublishProtection,
    PublishViewChange,
    Unmerge,
)
from datastore.moderation.log import LogLine
from datastore.mongo.edges import EdgeStore
from datastore.push.subscriptions import PushSubscriptionRecord
from datastore.users.viewpoint_records import FollowChange
from tests.datastore.store_calls.scene import Scene


async def profiles(scene: Scene) -> None:
    store, alice, bob = scene.stores.users.accounts, scene.alice, scene.bob
    await store.get(alice)
    await store.get_many([alice, bob])
    await store.public_among([alice, bob])
    await store.unverified_among([alice, bob])
    await resolve_reads(store.begin_read([bob], monotonic()))
    await store.get_uncached(alice)
    await store.get_many_uncached([alice])
    await scene.stores.users.counts.get_many([alice, bob])
    await scene.stores.users.counts.follower_count(alice)
    await scene.stores.users.counts.invalidate(alice)
    await store.by_handle("alice")
    await store.ids_by_handle(["alice"])
    await store.in_use("alice", "alice@example.org")
    await store.get_account(alice)
    await store.account_by_login("alice")
    await store.account_by_login("alice@example.org")
    await anext(store.id_pages(10))


async def accounts(scene: Scene) -> None:
    store, alice = scene.stores.users.accounts, scene.alice
    await store.update_profile(alice, {"name": "A"})
    await store.update_profile(
        alice, {"is_protected": False}, publish_protection=PublishProtection(scene.id(), alice, is_protected=False)
    )
    words, positions = scene.stores.users.muted_words, scene.stores.timelines.read_positions
    await words.set(scene.id(), alice, ["crow"])
    await words.get(alice)
    await positions.advance(alice, scene.tweet.id)
    await positions.get(alice)


async def roles(scene: Scene) -> None:
    store, alice = scene.stores.users.roles, scene.alice
    for role, actor in ((Role.ADMIN, None), (Role.MODERATOR, alice)):
        await store.set(alice, role, LogLine(scene.id(), actor, "SET_ROLE", ("User", alice)))
    await store.get(alice)
    await store.is_last_admin(alice)
    sign_ups = scene.stores.users.sign_ups
    for after in (None, alice):
        await sign_ups.waiting(after, 10)
    await sign_ups.decide(alice, LogLine(scene.id(), alice, "APPROVE_SIGN_UP", ("User", alice)), None)


async def fanout_state(scene: Scene) -> None:
    store, carol = scene.stores.users.fanout_state, scene.carol
    await store.approximate_follower_count(carol)
    await store.mark_fanout_on_read(carol)
    await store.mark_live_followers_seeded(carol)
    await store.has_live_follower_set(carol)


async def names(scene: Scene) -> None:
    people = scene.stores.users.name_index
    await people.find(["al", "b"], 0, 10)
    await people.filter({scene.alice}, ["al"])


async def suggestions(scene: Scene) -> None:
    store = scene.stores.users.suggestions
    await store.most_followed([scene.alice], 0, 10)
    await store.active_among([scene.alice, scene.bob], wall_ms() - 1_000)


async def sessions(scene: Scene) -> None:
    store, one = scene.stores.users.sessions, SessionId(1)
    await store.insert(one, scene.carol, UNKNOWN_DEVICE)
    await store.get(one)
    await resolve_reads(store.begin_read(one, monotonic()))
    await store.of_user(scene.alice)
    await store.rotate(one, 0)
    await store.delete_oldest(scene.carol)
    await store.delete(one)
    await store.insert(SessionId(2), scene.carol, UNKNOWN_DEVICE)

    async def end(session: object) -> EndSessions | None:
        await store.carry_over_within(session, one, 0)
        return await store.end_all_within(session, scene.carol, keep=one)

    await store.announce_end(await scene.stores.mongo.in_transaction(end))
    await store.forget_ended(EndSessions(scene.id(), (one,)))


async def access_tokens(scene: Scene) -> None:
    store, one, now = scene.stores.users.access_tokens, AccessTokenId(1), utc_now()
    record = AccessTokenRecord(one, scene.carol, "bot", (Scope.READ,), b"digest", None, now, now + timedelta(days=1))
    await store.insert(record)
    await store.get(one)
    await resolve_reads(store.begin_read(one, monotonic()))
    await store.of_user(scene.carol)
    await store.note_use(record)
    await store.delete_of(scene.carol)
    await store.delete(scene.carol, one)
    await store.forget_ended(EndAccessTokens(scene.id(), (one,)))


async def push_subscriptions(scene: Scene) -> None:
    store, alice, keys = scene.stores.push.subscriptions, scene.alice, await scene.stores.push.vapid_keys.get()
    one, address = SessionId(5), "https://push.example.net/1"
    record = PushSubscriptionRecord(one, alice, address, b"p", b"a", keys.public_text, {}, utc_now())
    await store.put(record)
    await store.get(one)
    await store.get_many([one])
    await store.of_user(alice)
    await store.of_users([alice, scene.bob])
    await store.set_audiences(alice, one, {})
    await store.note_failure(one, address, 1)
    await store.note_success(one)
    await store.delete_endpoint(one, "another")
    await store.delete(alice, one)
    await store.delete_of(alice)


async def lists(scene: Scene) -> None:
    store, alice, bob = scene.stores.users.lists, scene.alice, scene.bob
    record = ListRecord(ListId(scene.id()), alice, "birds", None, is_private=False)
    await store.insert(record)
    await store.add(scene.id(), record, bob)
    await store.get(record.id)
    await store.get_many([record.id])
    await store.update(record.id, alice, {"name": "rooks"})
    for before in (None, scene.id()):
        await store.of_owner(alice, before, 10)
        await store.members.targets(record.id, before, 10)
    await store.of_member(bob, 10)
    await store.current(record.id)
    await store.forget_of_member(bob)
    await store.remove(scene.id(), record.id, bob)
    await store.add(scene.id(), record, bob)
    await store.delete(record.id)


async def follows(scene: Scene) -> None:
    store, alice, bob = scene.stores.users.follows, scene.alice, scene.bob
    await store.followees(alice)
    for before in (None, scene.id()):
        await store.followers(bob, before, 10)
        await store.following(alice, before, 10)
        await store.known_followers(bob, [alice], before, 10)
    await anext(store.follower_pages(bob, 10))
    await store.followed_among(alice, [bob])
    await store.followers_among(bob, [alice])
    await store.asked_and_followed_among(alice, [bob])
    await store.followed_by_most([alice], [bob], 10)
    await store.followers_of([bob])
    await store.check_founded([PendingIncrement("follows", scene.id(), scene.alice, "followers", 1)], None)


async def edges(scene: Scene) -> None:
    """Methods that all edge collections share."""
    stores = scene.stores
    for store in (
        stores.tweets.likes,
        stores.tweets.bookmarks,
        stores.users.blocks,
        stores.users.mutes,
        stores.users.follow_requests,
    ):
        await _edges_of(store, scene)


async def _edges_of(store: EdgeStore, scene: Scene) -> None:
    one, other = scene.carol, scene.tweet.id
    await store.insert(scene.id(), one, other)
    await store.add(scene.id(), one, other)
    for before in (None, scene.id()):
        await store.targets(one, before, 10)
        await store.sources(other, before, 10)
    await store.oldest_to(other)
    await store.all_targets(one)
    await store.all_sources(other)
    await store.targets_among(one, [other])
    await store.delete(one, other)
    await store.delete_to(other)
    await store.delete_from(one)


async def follow_requests(scene: Scene) -> None:
    store, users, alice, bob, carol = (
        scene.stores.users.follow_requests,
        scene.stores.users.accounts,
        scene.alice,
        scene.bob,
        scene.carol,
    )
    await users.update_profile(alice, {"is_protected": True})
    await store.request(scene.id(), carol, alice)
    await store.oldest_requester(alice)
    await store.accept(Merge(scene.id(), carol, alice))
    await store.request(scene.id(), bob, alice)
    await store.end(bob, alice)
    await users.update_profile(alice, {"is_protected": False})


async def blocks_and_mutes(scene: Scene) -> None:
    blocks, mutes, bob, carol = scene.stores.users.blocks, scene.stores.users.mutes, scene.bob, scene.carol
    await mutes.mute(PublishViewChange(scene.id(), carol, ViewChange(ViewChangeKind.MUTED, bob)))
    await mutes.unmute(PublishViewChange(scene.id(), carol, ViewChange(ViewChangeKind.UNMUTED, bob)))
    await blocks.is_blocked_between(carol, bob)
    await blocks.block(scene.id(), (Unmerge(scene.id(), carol, bob), Unmerge(scene.id(), bob, carol)))
    await blocks.unblock(carol, bob, [])


async def hashtags(scene: Scene) -> None:
    store, alice = scene.stores.trends.hashtags, scene.alice
    await store.follow(MergeTag(scene.id(), alice, "rook"), "Rook")
    await store.followed_by(alice)
    await anext(store.follower_pages(["rook"], 10))
    await store.unfollow(
        PublishViewChange(scene.id(), alice, ViewChange(ViewChangeKind.TAG_UNFOLLOWED, words=("rook",)))
    )
    await store.unfollow_all(scene.carol)


async def viewpoints(scene: Scene) -> None:
    store, alice, bob, carol = scene.stores.users.viewpoints, scene.alice, scene.bob, scene.carol
    await store.invalidate(alice)
    await store.get(alice)
    await resolve_reads(store.begin_read(bob, monotonic()))
    store.get_local(bob, monotonic())
    await store.current(alice)
    await store.follow_changed(alice, FollowChange.FOLLOWED, scene.bob, scene.id())
    await store.forget_follow(Merge(scene.id(), alice, bob))
    await store.forget(alice)
    await store.current_follows(alice)
    await store.current_followees(alice, bob)
    await store.invalidate(alice, bob, carol)
    await store.get_many(
        [alice, bob, carol, UserId(scene.id())]
    )  # enough for one query of each collection for all of them


async def dislikes(scene: Scene) -> None:
    store = scene.stores.timelines.dislikes
    await store.insert(scene.alice, scene.bob, scene.answer.id)
    await store.by_author(scene.alice, [scene.bob])
    await store.delete_of(scene.alice)
