"""Calls of the stores of jobs, notifications and ads, and the calls that delete what there is."""

import asyncio
from datetime import timedelta
from time import monotonic

from msgspec import structs

from core.auth.tokens import ImpressionClaims, utc_now
from core.ids import CampaignId, SessionId, wall_ms
from datastore.ads.campaigns import MILLICENTS, CampaignRecord
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import DeleteAccount, FanOut, Merge, Notify, PublishUnreadCount, Retract, Unmerge
from datastore.jobs.pushes import Deferred, Finished, WantedPush
from datastore.moderation.log import LogLine
from datastore.notifications.actors import ActRange
from datastore.notifications.reader import NotificationAudience, NotificationFilter, NotificationKind
from datastore.records.items import ItemKind, RetweetRecord
from datastore.tweets.likes import unlike_notice
from tests.datastore.opened import tweet_of
from tests.datastore.store_calls.scene import Scene


async def outbox(scene: Scene) -> None:
    store, alice, tweet_id = scene.stores.jobs.outbox, scene.alice, scene.tweet.id
    await store.unfinished(-1_000, 10)
    await store.late_entries(-1_000, 10)
    await store.posts_since(0, 0, 10)
    await store.changes.retractions_of(alice)
    await store.changes.about([tweet_id])
    await store.changes.decisions_about(tweet_id)
    await store.changes.about_items_of(alice, scene.id())
    await store.changes.about_people()
    await store.leavers([alice], ["rook"])
    await store.view_changes([alice])
    await store.deleted_item(scene.id())
    merge = Merge(scene.id(), alice, scene.bob)
    await store.is_pending(merge)
    await store.is_pending(FanOut(tweet_id, alice))
    await store.finish(merge)
    await store.finish(PublishUnreadCount(scene.id(), alice))
    await store.finish_notifications([PublishUnreadCount(scene.id(), alice)])
    await store.finish_many([FanOut(tweet_id, alice), FanOut(tweet_id)])
    await store.give_up(Notify(scene.id(), ActKind.LIKE, alice, tweet_id))
    await store.finish(Unmerge(scene.id(), alice, scene.bob))
    await store.finish(FanOut(tweet_id, alice))
    await store.give_up(FanOut(tweet_id))


async def pushes(scene: Scene) -> None:
    store, wanted = scene.stores.jobs.outbox.pushes, WantedPush(SessionId(5), scene.alice, scene.id(), 1)
    (job,) = await store.add([wanted])
    (taken,) = await store.take([job])
    assert taken is not None
    await store.conclude([Deferred(taken, wall_ms())])
    await store.overdue(wall_ms() + 1, 10)
    await store.conclude([Finished(taken, scene.id())])
    await store.delete(job)
    await store.delete_of(scene.alice)


async def likes(scene: Scene) -> None:
    """One like alone, several in one batch, and their notifications."""
    store, writer, bob, carol, tweet_id = (
        scene.stores.tweets.likes,
        scene.stores.notifications.writer,
        scene.bob,
        scene.carol,
        scene.tweet.id,
    )
    liked = scene.id()
    await store.like(liked, bob, tweet_id)
    await writer.apply([Notify(liked, ActKind.LIKE, bob, tweet_id)])
    await asyncio.gather(*[store.like(scene.id(), one, scene.answer.id) for one in (scene.alice, bob, carol)])


async def notifications(scene: Scene) -> None:
    store, alice, bob = scene.stores.notifications.reader, scene.alice, scene.bob
    for chosen in NotificationFilter:
        for before in (None, scene.id()):
            await store.range(alice, chosen, (before, 10), without=[bob])
    await store.get(alice, 1, without=())
    await store.get_many(alice, [1], without=())
    await store.told_of(bob)
    await scene.stores.notifications.actors.between([ActRange(scene.id(), 1, 9)])
    await store.version(alice)
    await store.changes_of(alice, 0)
    await store.told_of_tweet(scene.tweet.id)
    await store.changed_since(wall_ms(), alice, 10)
    await store.preferences(alice)
    await store.set_preference(bob, NotificationKind.LIKE, NotificationAudience.FOLLOWING)
    await store.refresh_count(scene.id(), alice)
    await store.mark_read(scene.id(), alice, None)
    await store.mark_read(scene.id(), alice, scene.id())


async def conversation_mutes(scene: Scene) -> None:
    store, alice, root = scene.stores.notifications.conversation_mutes, scene.alice, scene.tweet.id
    await store.add(scene.id(), alice, root)
    await store.muted_among(alice, [root, scene.answer.id])
    await store.end(scene.id(), alice, root)


async def notification_writer(scene: Scene) -> None:
    """Every kind of act, done and undone."""
    stores, alice, bob, carol = scene.stores, scene.alice, scene.bob, scene.carol
    answer, retweet, follow = scene.answer, RetweetRecord(scene.tweet_id(), bob, scene.tweet.id, alice), scene.id()
    await stores.notifications.writer.apply([Notify(answer.id, ActKind.POST, bob)])
    for author in (alice, bob, bob):
        told = structs.replace(tweet_of(scene.tweet_id(), author), text="equal words", mentioned=(carol,))
        await stores.tweets.items.insert(told)
        await stores.notifications.writer.apply([Notify(told.id, ActKind.POST, author)])
    await stores.tweets.retweets.insert(retweet)
    await stores.notifications.writer.apply([Notify(retweet.id, ActKind.RETWEET, bob, scene.tweet.id)])
    await stores.users.follows.insert(Merge(follow, carol, bob))
    await stores.notifications.writer.apply([Notify(follow, ActKind.FOLLOW, carol, bob)])
    undo_id = scene.id()
    assert await stores.tweets.likes.unlike(undo_id, bob, scene.tweet.id)
    await stores.notifications.writer.apply([unlike_notice(undo_id, bob, scene.tweet.id)])
    await stores.notifications.writer.users_of([Notify(retweet.id, ActKind.RETWEET, bob, scene.tweet.id)])


async def advertisements(scene: Scene) -> None:
    campaigns, impressions, alice = scene.stores.ads.campaigns, scene.stores.ads.impressions, scene.alice
    campaign = CampaignId(scene.id())
    shown = ImpressionClaims(campaign, alice, 1)
    await campaigns.insert(_campaign(campaign, scene))
    await campaigns.get(campaign)
    await campaigns.active(10)
    await campaigns.of_tweet(scene.bob, scene.answer.id)
    for before in (None, scene.id()):
        await campaigns.by_advertiser(scene.bob, before, 10)
    await impressions.record(alice, [shown])
    await impressions.record_click(shown)
    await impressions.of_viewer(alice)
    await campaigns.set_paused(campaign, is_paused=True)
    for is_approved in (True, False):
        line = LogLine(scene.id(), alice, "REVIEW", ("Campaign", campaign))
        await campaigns.decide(campaign, line, is_approved=is_approved)
    for after in (None, campaign):
        await campaigns.in_review(after, 10)
    await campaigns.count_in_review()
    unwanted = scene.stores.ads.unwanted
    await unwanted.insert(alice, scene.answer.id)
    await unwanted.of_viewer(alice)
    await unwanted.delete_from(alice)
    interests = scene.stores.ads.interests
    await interests.invalidate(alice)
    interests.is_remembered(alice)
    await interests.get(alice, monotonic())
    await interests.get(scene.bob, monotonic())
    await impressions.delete_of(alice)
    await campaigns.delete_of(scene.bob)


def _campaign(campaign_id: CampaignId, scene: Scene) -> CampaignRecord:
    hour, now = timedelta(hours=1), utc_now()
    return CampaignRecord(
        id=campaign_id,
        advertiser_id=scene.bob,
        tweet_id=scene.answer.id,
        bid_cents=1,
        budget_cents=10,
        starts_at=now - hour,
        ends_at=now + hour,
        hashtags=(),
        tags=frozenset(),
        devices=(),
        frequency_cap=3,
        is_paused=False,
        left=10 * MILLICENTS,
    )


async def deletions(scene: Scene) -> None:
    """Deletes a follow, a reply that was counted, a tweet and an account."""
    stores, alice, bob, tweet = scene.stores, scene.alice, scene.bob, scene.tweet
    await stores.users.follows.delete(Unmerge(scene.id(), alice, bob))
    await stores.tweets.eraser.erase(alice)
    await stores.tweets.pending_counts.apply([tweet.id])
    await stores.tweets.items.delete(Retract(scene.id(), scene.answer.id, bob, ItemKind.TWEET))
    await stores.tweets.items.delete(Retract(scene.id(), tweet.id, alice, ItemKind.TWEET))
    await stores.notifications.writer.apply([Notify(tweet.id, ActKind.POST, alice, is_undone=True)])
    await stores.users.accounts.begin_deletion(DeleteAccount(scene.id(), bob))
    await stores.notifications.writer.delete_user(bob)
    await stores.notifications.writer.delete_state(bob)
    await stores.notifications.conversation_mutes.delete_of(bob)
    await stores.users.accounts.delete(bob)
