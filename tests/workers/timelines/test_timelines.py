"""Merges and unmerges in whatever order the jobs run, rebuilds, and published view changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from msgspec import structs

from core.ids import TweetId, UserId
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import FanOut, Job, MergeTag, PublishViewChange, Rebuild
from datastore.rebuild import build_timeline, rebuild_timelines
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.redis import keys
from datastore.stores import Stores
from datastore.timelines.candidates import Authors, CandidateStore
from datastore.timelines.changes import ChangeKind
from datastore.timelines.home import WindowState
from tests.datastore.opened import delete_tweet, follow, new_tweet, new_user, tweet_of, unfollow
from tests.workers.conftest import LENGTH
from workers.timelines import fanout
from workers.timelines.timelines import handle


@dataclass(frozen=True, slots=True)
class Cast:
    """Alice reads and follows Carol; Alice, Bob and Carol have one tweet each, in this order."""

    alice: UserId
    bob: UserId
    carol: UserId
    tweets: list[TweetRecord]

    @property
    def ids(self) -> list[int]:
        return [tweet.id for tweet in self.tweets]


@pytest.fixture
async def cast(opened: Stores) -> Cast:
    alice, bob, carol = [await new_user(opened, name) for name in ("alice", "bob", "carol")]
    await opened.jobs.outbox.finish(await follow(opened, alice, carol))
    cast = Cast(alice, bob, carol, [await new_tweet(opened, author) for author in (alice, bob, carol)])
    assert await build_timeline(opened, alice)
    assert await opened.timelines.home.ids(alice) == [cast.ids[2], cast.ids[0]]
    return cast


async def home(stores: Stores, user_id: UserId) -> list[int]:
    return await stores.timelines.home.ids(user_id)


async def tagged_tweet(stores: Stores, author: UserId, tag: str) -> TweetRecord:
    plain = tweet_of(TweetId(stores.ids()), author)
    tweet = TweetRecord(plain.id, author, plain.text, plain.conversation_id, tags=(tag,))
    await stores.tweets.items.insert(tweet)
    return tweet


async def test_a_follow_brings_in_their_past_once(opened: Stores, cast: Cast) -> None:
    job = await follow(opened, cast.alice, cast.bob)
    for _ in range(2):
        await handle(opened, job)
        assert await home(opened, cast.alice) == cast.ids[::-1]
    assert (await opened.timelines.home.range(cast.alice, 9)).state is WindowState.COMPLETE


async def test_a_follow_brings_in_answers_to_them_and_leaves_out_answers_to_strangers(
    opened: Stores, cast: Cast
) -> None:
    dave = await new_user(opened, "dave")
    to_bob = await new_tweet(opened, cast.carol, cast.tweets[1])
    await new_tweet(opened, cast.bob, await new_tweet(opened, dave))
    to_carol = await new_tweet(opened, cast.bob, cast.tweets[2])
    await handle(opened, await follow(opened, cast.alice, cast.bob))
    assert await home(opened, cast.alice) == [to_carol.id, to_bob.id, *cast.ids[::-1]]


async def test_a_past_longer_than_the_list_leaves_it_full_and_without_an_end(opened: Stores, cast: Cast) -> None:
    tweets = [await new_tweet(opened, cast.bob) for _ in range(LENGTH)]
    await handle(opened, await follow(opened, cast.alice, cast.bob))
    window = await opened.timelines.home.range(cast.alice, 100)
    assert window.ids == [tweet.id for tweet in tweets[::-1]]
    assert (window.state, window.floor) == (WindowState.TRUNCATED, tweets[0].id)


async def test_an_unfollow_takes_all_of_theirs_out_once(opened: Stores, cast: Cast) -> None:
    retweet = RetweetRecord(TweetId(opened.ids()), cast.carol, cast.tweets[1].id, cast.bob)
    assert await opened.tweets.retweets.insert(retweet)
    answer = await new_tweet(opened, cast.alice, cast.tweets[2])
    await opened.timelines.home.push([cast.alice], retweet.id)
    await opened.timelines.home.push([cast.alice], answer.id)
    job = await unfollow(opened, cast.alice, cast.carol)
    for _ in range(2):
        await handle(opened, job)
        assert await home(opened, cast.alice) == [cast.ids[0]]


async def test_an_unfollow_leaves_what_stands_there_for_a_hashtag(opened: Stores, cast: Cast) -> None:
    tagged = await tagged_tweet(opened, cast.carol, "rooks")
    await opened.timelines.home.push([cast.alice], tagged.id)
    assert await opened.trends.hashtags.follow(MergeTag(opened.ids(), cast.alice, "rooks"), "rooks")
    await handle(opened, await unfollow(opened, cast.alice, cast.carol))
    assert await home(opened, cast.alice) == [tagged.id, cast.ids[0]]


async def test_a_follow_undone_before_its_job_ran_brings_nothing(opened: Stores, cast: Cast) -> None:
    merge = await follow(opened, cast.alice, cast.bob)
    unmerge = await unfollow(opened, cast.alice, cast.bob)
    for jobs in ((merge, unmerge), (unmerge, merge)):
        for job in jobs:
            await handle(opened, job)
        assert await home(opened, cast.alice) == [cast.ids[2], cast.ids[0]]


async def test_who_is_followed_again_before_the_unfollow_ran_stays(opened: Stores, cast: Cast) -> None:
    unmerge = await unfollow(opened, cast.alice, cast.carol)
    merge = await follow(opened, cast.alice, cast.carol)
    for jobs in ((unmerge, merge), (merge, unmerge)):
        for job in jobs:
            await handle(opened, job)
        assert await home(opened, cast.alice) == [cast.ids[2], cast.ids[0]]


async def test_following_a_hashtag_brings_in_its_past_without_replies(opened: Stores, cast: Cast) -> None:
    tagged = await tagged_tweet(opened, cast.bob, "rooks")
    await tagged_tweet(opened, cast.bob, "ravens")
    reply = tweet_of(TweetId(opened.ids()), cast.bob, cast.tweets[2])
    await opened.tweets.items.insert(
        TweetRecord(
            reply.id,
            reply.author_id,
            reply.text,
            reply.conversation_id,
            tags=("rooks",),
            reply_to=reply.reply_to,
            reply_to_author=reply.reply_to_author,
        )
    )
    job = MergeTag(opened.ids(), cast.alice, "rooks")
    assert await opened.trends.hashtags.follow(job, "Rooks")
    for _ in range(2):
        await handle(opened, job)
        assert await home(opened, cast.alice) == [tagged.id, cast.ids[2], cast.ids[0]]


async def test_following_an_author_with_an_audience_joins_it(opened: Stores, cast: Cast) -> None:
    await opened.users.fanout_state.mark_fanout_on_read(cast.bob)
    await handle(opened, await follow(opened, cast.alice, cast.bob))
    assert await opened.redis.zrange(keys.audience(cast.bob), 0, -1) == [str(cast.alice).encode()]
    assert await opened.redis.exists(keys.audience(cast.carol)) == 0


async def test_jobs_for_who_has_no_list_make_none(opened: Stores, cast: Cast) -> None:
    await opened.timelines.home.drop(cast.alice)
    await handle(opened, await follow(opened, cast.alice, cast.bob))
    await handle(opened, await unfollow(opened, cast.alice, cast.bob))
    assert await opened.timelines.home.existing_among([cast.alice]) == []


async def test_a_rebuild_finds_all_that_stands_in_the_timeline(opened: Stores, cast: Cast) -> None:
    assert await opened.trends.hashtags.follow(MergeTag(opened.ids(), cast.alice, "rooks"), "rooks")
    tagged = await tagged_tweet(opened, cast.bob, "rooks")
    await new_tweet(opened, cast.carol, cast.tweets[1])  # answers a stranger
    await opened.timelines.home.drop(cast.alice)
    for _ in range(2):
        await handle(opened, Rebuild(cast.alice))
        window = await opened.timelines.home.range(cast.alice, 9)
        assert (window.ids, window.state) == ([tagged.id, cast.ids[2], cast.ids[0]], WindowState.COMPLETE)


@pytest.mark.parametrize(("posts", "state"), [(2, WindowState.COMPLETE), (3, WindowState.TRUNCATED)])
async def test_a_rebuild_of_a_full_list_knows_of_no_end(
    opened: Stores, cast: Cast, posts: int, state: WindowState
) -> None:
    ids = [*cast.ids[::2], *[(await new_tweet(opened, cast.alice)).id for _ in range(posts)]]
    await opened.timelines.home.drop(cast.alice)
    await handle(opened, Rebuild(cast.alice))
    window = await opened.timelines.home.range(cast.alice, 9)
    assert (window.ids, window.state) == (ids[::-1], state)


class Interrupted(CandidateStore):
    """Runs an act after the query to MongoDB."""

    def __init__(self, stores: Stores, then: Callable[[], Awaitable[object]]) -> None:
        super().__init__(stores.mongo)
        self._then = then

    async def newest_ids(self, view: Authors, count: int) -> list[int]:
        ids = await super().newest_ids(view, count)
        await self._then()
        return ids


def with_candidates(stores: Stores, candidates: CandidateStore) -> Stores:
    return replace(stores, timelines=replace(stores.timelines, candidates=candidates))


async def test_what_is_pushed_while_a_list_is_rebuilt_is_in_it(opened: Stores, cast: Cast) -> None:
    posted: list[int] = []

    async def post() -> None:
        tweet = await new_tweet(opened, cast.carol)
        await fanout.handle(opened, FanOut(tweet.id))
        posted.append(tweet.id)

    await opened.timelines.home.drop(cast.alice)
    assert await build_timeline(with_candidates(opened, Interrupted(opened, post)), cast.alice)
    assert len(posted) == 1
    assert await home(opened, cast.alice) == [*posted, cast.ids[2], cast.ids[0]]


async def test_who_is_followed_while_a_list_is_rebuilt_is_in_it(opened: Stores, cast: Cast) -> None:
    async def follow_bob() -> None:
        await handle(opened, await follow(opened, cast.alice, cast.bob))

    await opened.timelines.home.drop(cast.alice)
    assert await build_timeline(with_candidates(opened, Interrupted(opened, follow_bob)), cast.alice)
    assert await home(opened, cast.alice) == cast.ids[::-1]


async def test_of_two_rebuilds_at_once_one_does_the_work(opened: Stores, cast: Cast) -> None:
    answers: list[bool] = []

    async def build_too() -> None:
        answers.append(await build_timeline(opened, cast.alice))

    await opened.timelines.home.drop(cast.alice)
    answers.append(await build_timeline(with_candidates(opened, Interrupted(opened, build_too)), cast.alice))
    assert answers == [False, True]


async def test_a_list_made_anew_replaces_the_one_there_was(opened: Stores, cast: Cast) -> None:
    await opened.timelines.home.push([cast.alice], opened.ids())
    await delete_tweet(opened, cast.tweets[2])
    done: list[int] = []
    await rebuild_timelines(opened, [cast.alice, cast.bob], done.append)
    assert await home(opened, cast.alice) == [cast.ids[0]]
    assert await home(opened, cast.bob) == [cast.ids[1]]
    assert done == [1, 1]


async def test_a_job_of_another_queue_is_refused(opened: Stores) -> None:
    with pytest.raises(TypeError, match="no job of this queue"):
        await handle(opened, FanOut(TweetId(1)))


async def test_what_was_deleted_is_told_once_though_its_author_is_not_followed_any_more_by_then(
    opened: Stores, cast: Cast
) -> None:
    """The job of the unfollow runs first: after it, it would be unknown that Alice had the tweet."""
    tweet = cast.tweets[2]
    head = await opened.timelines.home_log.position(cast.alice)
    retraction = await delete_tweet(opened, tweet)
    act = await unfollow(opened, cast.alice, cast.carol)

    await handle(opened, act)
    await opened.jobs.outbox.finish(act)
    await fanout.handle(opened, retraction)

    changes = (await opened.timelines.home_log.range(cast.alice, head, 10)).changes or []
    assert [(change.kind, change.item_id) for change in changes] == [(ChangeKind.REMOVED, tweet.id)]
    assert await home(opened, cast.alice) == [cast.ids[0]]


@pytest.mark.parametrize("what", [ViewChangeKind.MUTED, ViewChangeKind.BLOCKED])
async def test_what_was_deleted_is_told_once_though_its_author_is_hidden_by_then(
    opened: Stores, cast: Cast, what: ViewChangeKind
) -> None:
    tweet = cast.tweets[2]
    head = await opened.timelines.home_log.position(cast.alice)
    retraction = await delete_tweet(opened, tweet)
    act = PublishViewChange(opened.ids(), cast.alice, ViewChange(what, cast.carol))
    edges = opened.users.mutes if what is ViewChangeKind.MUTED else opened.users.blocks
    await opened.mongo.in_transaction(lambda session: opened.jobs.outbox.add(session, act))
    assert await edges.insert(act.act_id, cast.alice, cast.carol)
    await opened.users.viewpoints.invalidate(cast.alice)

    await handle(opened, act)
    await opened.jobs.outbox.finish(act)
    await fanout.handle(opened, retraction)

    changes = (await opened.timelines.home_log.range(cast.alice, head, 10)).changes or []
    assert [(change.kind, change.item_id) for change in changes] == [(ChangeKind.REMOVED, tweet.id)]


Change = Callable[[Stores, Cast], Awaitable[Job]]


async def unfollow_tag(stores: Stores, cast: Cast) -> Job:
    job = PublishViewChange(stores.ids(), cast.alice, ViewChange(ViewChangeKind.TAG_UNFOLLOWED, words=("nests",)))
    assert await stores.trends.hashtags.unfollow(job)
    return job


async def mute_word(stores: Stores, cast: Cast) -> Job:
    job = await stores.users.muted_words.set(stores.ids(), cast.alice, ["rook"])
    assert job is not None
    return job


async def unfollow_author(stores: Stores, cast: Cast) -> Job:
    return await unfollow(stores, cast.alice, cast.carol)


async def unfollow_retweeter(stores: Stores, cast: Cast) -> Job:
    return await unfollow(stores, cast.alice, cast.carol)


@pytest.mark.parametrize("is_retraction_first", [False, True])
@pytest.mark.parametrize("change", [unfollow_tag, mute_word, unfollow_author, unfollow_retweeter])
async def test_what_was_deleted_is_told_once_though_the_reader_would_not_see_it_by_then(
    opened: Stores, cast: Cast, change: Change, is_retraction_first: bool
) -> None:
    """A hashtag brought Alice one tweet of Bob's, and Carol's retweet another, with the word."""
    followed = MergeTag(opened.ids(), cast.alice, "nests")
    assert await opened.trends.hashtags.follow(followed, "nests")
    await opened.jobs.outbox.finish(followed)
    await opened.users.viewpoints.invalidate(cast.alice)
    tagged = await tagged_tweet(opened, cast.bob, "nests")
    worded = structs.replace(tweet_of(TweetId(opened.ids()), cast.bob), text="a rook")
    await opened.tweets.items.insert(worded)
    retweet = RetweetRecord(TweetId(opened.ids()), cast.carol, worded.id, cast.bob)
    assert await opened.tweets.retweets.insert(retweet)
    for item_id in (tagged.id, retweet.id):
        await opened.timelines.home.push([cast.alice], item_id)
    head = await opened.timelines.home_log.position(cast.alice)
    deleted: dict[Change, tuple[TweetRecord, int]] = {
        unfollow_tag: (tagged, tagged.id),
        unfollow_author: (cast.tweets[2], cast.ids[2]),
    }
    tweet, left = deleted.get(change, (worded, retweet.id))

    retraction = await delete_tweet(opened, tweet)
    act = await change(opened, cast)
    await opened.users.viewpoints.invalidate(cast.alice)
    for job in (retraction, act) if is_retraction_first else (act, retraction):
        await (fanout.handle if job is retraction else handle)(opened, job)
        await opened.jobs.outbox.finish(job)

    changes = (await opened.timelines.home_log.range(cast.alice, head, 10)).changes or []
    removed = [change.item_id for change in changes if change.kind is ChangeKind.REMOVED]
    assert removed.count(left) == 1
    assert len(set(removed)) == len(removed)


async def test_what_was_told_to_be_hidden_is_not_told_again_when_it_is_deleted(opened: Stores, cast: Cast) -> None:
    head = await opened.timelines.home_log.position(cast.alice)
    act = PublishViewChange(opened.ids(), cast.alice, ViewChange(ViewChangeKind.MUTED, cast.carol))
    await opened.mongo.in_transaction(lambda session: opened.jobs.outbox.add(session, act))
    assert await opened.users.mutes.insert(act.act_id, cast.alice, cast.carol)
    await opened.users.viewpoints.invalidate(cast.alice)

    await handle(opened, act)
    await fanout.handle(opened, await delete_tweet(opened, cast.tweets[2]))

    changes = (await opened.timelines.home_log.range(cast.alice, head, 10)).changes or []
    assert [(change.kind, change.item_id) for change in changes] == [(ChangeKind.REMOVED, cast.ids[2])]
