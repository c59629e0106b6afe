"""Calls of the stores of tweets, timelines candidates, searches and counts."""

from datetime import timedelta
from time import monotonic

from msgspec import structs

from core.ids import MAX_ID, wall_ms
from core.search.query import Alternative, AtLeast, ByFollowees, Clause, Measure, Posted, Term
from core.trends.scoring import HOUR_MS, Use
from datastore.cache.pending_read import resolve_reads
from datastore.counts.increments import PendingIncrement
from datastore.counts.pending import CountStore
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, PublishEdit, Retract
from datastore.records.items import ItemKind, RetweetRecord
from datastore.timelines.home import Direction
from datastore.tweets.edits import mention_notice
from datastore.tweets.store import PostKey
from datastore.tweets.viewer_state import Interaction, RecentActs, RecentInteractions
from datastore.users.voices import Voices
from tests.datastore.opened import tweet_of
from tests.datastore.store_calls.scene import Scene


async def tweets(scene: Scene) -> None:
    store, counts, alice, tweet = scene.stores.tweets.items, scene.stores.tweets.counts, scene.alice, scene.tweet
    key, quote = PostKey(alice, "key", b""), tweet_of(scene.tweet_id(), scene.carol, tweet)
    await store.insert(structs.replace(quote, quoted_id=tweet.id), key)
    await store.get_id_by_key(key)
    await store.get(tweet.id)
    await store.get_many([tweet.id])
    await resolve_reads(store.begin_read([quote.id], monotonic()), counts.begin_read([quote.id], monotonic()))
    await resolve_reads(scene.stores.tweets.author_lists.begin_read(alice, monotonic()))
    await store.exists(tweet.id)
    await counts.get_many([tweet.id])
    await counts.invalidate(tweet.id)
    await store.by_author(alice, None, 10, with_replies=True)
    await store.by_author(alice, tweet.id, 10, with_replies=False)
    await store.ancestor_ids(scene.answer.id)


async def edits(scene: Scene) -> None:
    """Edits of a quote that mention people, and then nobody."""
    stores, alice = scene.stores, scene.alice
    quote = structs.replace(tweet_of(scene.tweet_id(), alice), quoted_id=scene.answer.id)
    await stores.tweets.items.insert(quote)
    await stores.notifications.writer.apply([Notify(quote.id, ActKind.POST, alice)])
    before = quote
    for mentioned in ((scene.bob, scene.carol), ()):
        job = PublishEdit(scene.id(), quote.id, alice)
        after = structs.replace(before, text=str(job.act_id), mentioned=mentioned)
        assert await stores.tweets.edits.edit(job, before, after)
        assert await stores.jobs.outbox.edited_item(job.act_id) is not None
        notice = mention_notice(job, before, after)
        assert notice is not None
        await stores.notifications.writer.apply([notice])
        before = structs.replace(after, edit_id=job.act_id)
    await stores.tweets.edits.state(quote)
    await stores.tweets.edits.versions([quote.id])


async def threads(scene: Scene) -> None:
    store, tweet_id = scene.stores.tweets.threads, scene.tweet.id
    for before in (None, scene.id()):
        await store.replies(tweet_id, before, 10)
        await store.quotes(tweet_id, before, 10)
    for after in (None, (1, scene.answer.id)):
        await store.top_replies(tweet_id, after, 10)


async def retweets(scene: Scene) -> None:
    store, alice, bob, tweet_id = scene.stores.tweets.retweets, scene.alice, scene.bob, scene.tweet.id
    await store.insert(RetweetRecord(scene.tweet_id(), bob, tweet_id, alice))
    for before in (None, scene.id()):
        await store.of_tweet(tweet_id, before, 10)
    await store.logs([tweet_id])
    await resolve_reads(store.begin_read_logs([scene.answer.id], monotonic()))
    await store.log_by(tweet_id, [bob])
    await store.forget_log(tweet_id)
    await store.delete(scene.id(), bob, tweet_id)
    await store.insert(RetweetRecord(scene.tweet_id(), scene.carol, tweet_id, alice))
    await store.delete_next_of(scene.id(), tweet_id)


async def viewer_state(scene: Scene) -> None:
    store, alice, tweet_id = scene.stores.tweets.viewer_state, scene.alice, scene.tweet.id
    await store.invalidate(alice)
    await store.interacted(alice, Interaction.LIKE, tweet_id, scene.id())
    await store.forget_interaction(Notify(scene.id(), ActKind.LIKE, alice, tweet_id))
    await store.forget_unretweet(Retract(scene.id(), scene.answer.id, alice, ItemKind.RETWEET), tweet_id)
    await store.get_many(alice, [tweet_id])
    await store.get_each([(alice, tweet_id), (scene.bob, tweet_id)])
    long_ago = RecentActs(frozenset({scene.answer.id}), scene.id() << 1)
    await store.from_row(alice, RecentInteractions(long_ago, long_ago, long_ago), [tweet_id])


async def candidates(scene: Scene) -> None:
    store, view = scene.stores.timelines.candidates, scene.view
    await store.range(view, 10)
    await store.range(view, 10, start=scene.tweet.id, direction=Direction.NEWER)
    await store.newest_ids(view, 10)
    await store.newest_fanout_on_read(view, 10)
    await store.added_by(view.circle, scene.bob, 10)
    await store.tagged("rook", 10)


async def searches(scene: Scene) -> None:
    rook, crow = Clause(Term("rook")), Clause(Term("crow"))
    liked, by_followees = Clause(AtLeast(Measure.LIKES, 1)), Clause(ByFollowees())
    for clauses in (
        (rook,),
        (rook, crow),
        (rook, Clause(Term("crow"), is_negated=True)),
        (rook, liked),
        (liked,),
        (rook, by_followees),
    ):
        await _search(scene, clauses)


async def searches_without_words(scene: Scene) -> None:
    """A search without a positive term scans the newest tweets of everybody."""
    await _search(scene, (Clause(Term("tweet"), is_negated=True),))


async def _search(scene: Scene, clauses: tuple[Clause, ...]) -> None:
    await scene.stores.tweets.search.newest(Alternative(clauses), {scene.bob}, Posted(0, MAX_ID), count=10)


async def hashtag_uses(scene: Scene) -> None:
    voices = Voices(scene.stores.mongo, is_strict=True, requires_verification=True)
    await voices.counted([Use(wall_ms() + HOUR_MS, one) for one in (scene.alice, scene.bob)])
    uses, crowds, now = scene.stores.trends.tag_uses, scene.stores.trends.tag_sketches, wall_ms()
    await uses.of_tag("rook", now - 1_000, 10)
    await uses.beginning_with("ro", now - 1_000, 10)
    await uses.newest(now - 1_000, now, 10)
    await uses.edited_since(now - 1_000, 10)
    await uses.by_accounts([scene.alice], ["rook"], now - 1_000, now)
    await uses.spelling("rook")
    await crowds.miscounted(["rook"])
    await crowds.admit(["rook"], now)
    await crowds.changed(scene.tweet.id, scene.bob, gained=["rook"], lost=["crow"])
    await crowds.catch_up("rook", now)
    await crowds.of_tag("rook", now)


async def counts(scene: Scene) -> None:
    await _counts_of(scene.stores.tweets.pending_counts, scene.tweet.id)
    await _counts_of(scene.stores.users.pending_counts, scene.bob)


async def _counts_of(store: CountStore, target: int) -> None:
    pending: list[PendingIncrement] = await store.pending_of(target)
    await store.overdue_targets(timedelta(0), 10)
    await store.deleted_among([target])
    await store.try_acquire([target], 1_000)
    await store.apply([target])
    await store.drop(pending)
