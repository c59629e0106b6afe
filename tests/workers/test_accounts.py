"""Follow requests accepted by going public; accounts deleted, however often the worker dies meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from core.ids import AccessTokenId, ListId, SnowflakeMaker, TweetId, UserId
from datastore.auth.access_tokens import AccessTokenRecord
from datastore.graph.lists import ListRecord
from datastore.jobs.jobs import AcceptFollowRequests, DeleteAccount, ErasePerson, FanOut, Merge, MergeTag, Unmerge
from datastore.rebuild import build_timeline
from datastore.records.items import RetweetRecord, TweetCounts
from datastore.records.users import UserCounts
from datastore.redis import job_keys
from datastore.stores import Stores
from datastore.timelines.changes import ChangeKind
from tests.datastore.opened import delete_tweet, follow, new_tweet, new_user, new_users, sources_of
from workers.accounts import handle

NOW = -1_000


async def request(stores: Stores, asked: UserId, *asking: UserId) -> None:
    for user_id in asking:
        assert await stores.users.follow_requests.insert(stores.ids(), user_id, asked)


async def counts(stores: Stores, *user_ids: UserId) -> list[UserCounts]:
    """Counts as stored in MongoDB."""
    await stores.users.counts.invalidate(*user_ids)
    return await stores.users.counts.get_many(user_ids)


async def test_all_requests_become_follows_the_oldest_first_with_their_counts_and_jobs(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    await request(opened, alice, bob, carol)
    await request(opened, dave, bob)
    job = AcceptFollowRequests(opened.ids(), alice)
    for _ in range(2):
        await handle(opened, job)
        assert await sources_of(opened.users.follow_requests, alice) == []
        assert await sources_of(opened.users.follow_requests, dave) == [bob]
        assert await opened.users.follows.followers_among(alice, [bob, carol, dave]) == {bob, carol}
        assert await counts(opened, alice, bob, carol) == [UserCounts(2, 0), UserCounts(0, 1), UserCounts(0, 1)]
        assert await opened.redis.xlen(job_keys.jobs("timelines")) == 2
    jobs = [job for job in await opened.jobs.outbox.unfinished(NOW, 10) if isinstance(job, Merge)]
    assert [(job.follower_id, job.followee_id) for job in jobs] == [(bob, alice), (carol, alice)]


async def test_who_accepted_nobody_yet_and_is_protected_again_keeps_the_requests(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await request(opened, alice, bob)
    assert await opened.users.accounts.update_profile(alice, {"is_protected": True})
    await handle(opened, AcceptFollowRequests(opened.ids(), alice))
    assert await sources_of(opened.users.follow_requests, alice) == [bob]
    assert await opened.users.follows.followers_among(alice, [bob]) == set()


async def test_who_followed_by_themselves_meanwhile_does_not_hold_up_the_others(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    await request(opened, alice, carol, bob)
    await follow(opened, bob, alice)
    await handle(opened, AcceptFollowRequests(opened.ids(), alice))
    assert await sources_of(opened.users.follow_requests, alice) == []
    assert await opened.users.follows.followers_among(alice, [bob, carol]) == {bob, carol}
    assert await counts(opened, alice, bob, carol) == [UserCounts(2, 0), UserCounts(0, 1), UserCounts(0, 1)]


class MortalError(Exception):
    """Stands for the death of the worker."""


class MortalIds(SnowflakeMaker):
    """A worker that dies after the given number of acts."""

    def __init__(self, stores: Stores, acts: int) -> None:
        super().__init__(0)
        self._stores, self._left = stores, acts

    def __call__(self) -> int:
        if not self._left:
            raise MortalError
        self._left -= 1
        return self._stores.ids()


async def busy_account(stores: Stores, alice: UserId, others: tuple[UserId, UserId, UserId]) -> list[TweetId]:
    """Alice with every kind of act by her and on her. Returns Bob's tweets; she liked the first."""
    bob, carol, dave = others
    mine = [await new_tweet(stores, alice) for _ in range(2)]
    his = [await new_tweet(stores, bob) for _ in range(2)]
    await new_tweet(stores, alice, his[1])
    for follower, followee in ((alice, bob), (alice, carol), (bob, alice), (dave, alice), (bob, carol)):
        await follow(stores, follower, followee)
    for liker, liked in ((alice, his[0]), (carol, his[0]), (bob, mine[0])):
        assert await stores.tweets.likes.like(stores.ids(), liker, liked.id)
    assert await stores.tweets.retweets.insert(RetweetRecord(TweetId(stores.ids()), alice, his[0].id, bob))
    assert await stores.tweets.retweets.insert(RetweetRecord(TweetId(stores.ids()), carol, his[0].id, bob))
    for marked in (mine[0], his[0]):
        assert await stores.tweets.bookmarks.insert(stores.ids(), alice, marked.id)
        assert await stores.notifications.conversation_mutes.add(stores.ids(), alice, marked.id)
    for edges in (stores.users.follow_requests, stores.users.blocks, stores.users.mutes):
        for source, target in ((alice, dave), (dave, alice), (bob, dave)):
            assert await edges.insert(stores.ids(), source, target)
    assert await stores.trends.hashtags.follow(MergeTag(stores.ids(), alice, "rooks"), "rooks")
    for owner, other in ((alice, bob), (bob, alice)):
        assert await stores.users.access_tokens.insert(token_of(stores, owner))
        birds = ListRecord(ListId(stores.ids()), owner, "birds", None, is_private=False)
        await stores.users.lists.insert(birds)
        for member in (other, carol):
            assert await stores.users.lists.add(stores.ids(), birds, member)
    assert await build_timeline(stores, alice)
    return [tweet.id for tweet in his]


def token_of(stores: Stores, owner: UserId) -> AccessTokenRecord:
    token_id, now = AccessTokenId(stores.ids()), utc_now()
    return AccessTokenRecord(token_id, owner, "bot", (Scope.READ,), b"digest", None, now, now + timedelta(days=1))


async def check_that_nothing_is_left(stores: Stores, alice: UserId, others: tuple[UserId, UserId, UserId]) -> None:
    bob, carol, dave = others
    assert await stores.mongo.collection("users").find_one({"_id": alice}) is None
    assert await stores.tweets.items.by_author(alice, None, 10, with_replies=True) == []
    assert [edge.user_id for edge in await stores.users.follows.following(bob, None, 10)] == [carol]
    assert (
        await stores.users.follows.following(alice, None, 10)
        == await stores.users.follows.followers(alice, None, 10)
        == []
    )
    assert await stores.tweets.likes.all_targets(alice) == await stores.tweets.bookmarks.all_targets(alice) == []
    assert await stores.mongo.collection("conversation_mutes").count_documents({"user": alice}) == 0
    for edges in (stores.users.follow_requests, stores.users.blocks, stores.users.mutes):
        assert await edges.all_targets(alice) == await sources_of(edges, alice) == []
        assert await edges.all_targets(bob) == [dave]
    assert await stores.trends.hashtags.followed_by(alice) == []
    assert await stores.users.access_tokens.of_user(alice) == []
    assert await stores.users.lists.of_owner(alice, None, 9) == []
    assert [record.members for record in await stores.users.lists.of_owner(bob, None, 9)] == [{carol}]
    assert await stores.mongo.collection("list_members").count_documents({}) == 1
    assert len(await stores.users.access_tokens.of_user(bob)) == 1
    assert await stores.timelines.home.existing_among([alice]) == []
    expected = [UserCounts(0, 1, 2), UserCounts(1, 0, 0), UserCounts(0, 0, 0)]
    assert await counts(stores, bob, carol, dave) == expected


async def test_a_deleted_account_leaves_nothing_however_often_the_worker_died(opened: Stores) -> None:
    alice, bob, carol, dave = await new_users(opened, "alice", "bob", "carol", "dave")
    others = (bob, carol, dave)
    his = await busy_account(opened, alice, others)
    job = DeleteAccount(opened.ids(), alice)
    await opened.users.accounts.begin_deletion(job)
    began = opened.ids()

    deaths = 0
    while True:
        try:
            await handle(replace(opened, ids=MortalIds(opened, 1)), job)
            break
        except MortalError:
            deaths += 1

    # Deaths at four items, a like, four follows, a list, two of retractions that were cut short, and one at the end.
    assert deaths == 13
    for _ in range(2):
        await check_that_nothing_is_left(opened, alice, others)
        await opened.tweets.counts.enqueue(*his)
        assert await opened.tweets.counts.get_many(his) == [TweetCounts(likes=1, retweets=1), TweetCounts()]
        acts = [act for act in await opened.jobs.outbox.unfinished(NOW, 100) if getattr(act, "act_id", 0) > began]
        assert {type(act) for act in acts} == {Unmerge, ErasePerson}
        assert sum(isinstance(act, Unmerge) for act in acts) == 4
        assert await opened.redis.xlen(job_keys.jobs("timelines")) == 4
        await handle(opened, job)


async def test_followers_are_told_of_what_another_worker_deleted_and_did_not_withdraw(opened: Stores) -> None:
    """An unfinished retraction runs first: without follow edges it would not find the readers of the tweet."""
    alice, bob = await new_users(opened, "alice", "bob")
    await follow(opened, bob, alice)
    assert await build_timeline(opened, bob)
    head = await opened.timelines.home_log.position(bob)
    tweet = await new_tweet(opened, alice)
    await opened.timelines.home.push([bob], tweet.id)
    retraction = await delete_tweet(opened, tweet)
    job = DeleteAccount(opened.ids(), alice)
    await opened.users.accounts.begin_deletion(job)

    await handle(opened, job)

    changes = (await opened.timelines.home_log.range(bob, head, 10)).changes or []
    assert [(change.kind, change.item_id) for change in changes] == [
        (ChangeKind.ADDED, tweet.id),
        (ChangeKind.REMOVED, tweet.id),
    ]
    assert retraction not in await opened.jobs.outbox.unfinished(NOW, 100)


async def test_an_account_under_deletion_is_seen_by_nobody(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    assert await opened.users.accounts.get(alice) is not None
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), alice))
    assert await opened.users.accounts.get(alice) is None
    assert await opened.users.accounts.get_account(alice) is None


async def test_a_job_of_another_queue_is_refused(opened: Stores) -> None:
    with pytest.raises(TypeError, match="no job of this queue"):
        await handle(opened, FanOut(TweetId(1)))
