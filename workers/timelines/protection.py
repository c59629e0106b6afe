"""Protection changes: what readers who do not follow an account see of it through hashtags, retweets, notifications."""

from collections.abc import AsyncIterator

from core.ids import TweetId, UserId
from datastore.jobs.jobs import PublishProtection
from datastore.jobs.queue import enqueue
from datastore.mongo.bulk import chunked
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.tweets.retweets import RetweetStore
from workers.timelines.earlier_acts import publish_earlier_acts
from workers.timelines.fanout_targets import page_size, target_pages
from workers.timelines.lists import tell_lists_of
from workers.timelines.visibility_diffs import publish_person_change

_TWEETS_AT_ONCE = 100
_USERS_AT_ONCE = 500


async def publish_protection(stores: Stores, job: PublishProtection) -> None:
    """Followers see no change. Nothing is left to do if the protection has changed again or the job is finished."""
    user = await stores.users.accounts.get_uncached(job.user_id)
    if user is None or user.is_protected is not job.is_protected or not await stores.jobs.outbox.is_pending(job):
        return

    await publish_earlier_acts(stores, job.user_id, job.act_id)
    await stores.users.lists.forget_of_member(job.user_id)
    await tell_lists_of(stores, job.act_id, [job.user_id])
    done: set[UserId] = set()
    async for page in possible_readers(stores, job.user_id, job.act_id):
        for reader in await stores.timelines.home_log.live_among([one for one in page if one not in done]):
            done.add(reader)
            await publish_person_change(stores, reader, job.act_id)
    await publish_unread_counts(stores, job.user_id)


async def publish_unread_counts(stores: Stores, actor: UserId) -> None:
    """To live users with notifications of the account's acts, which rules hide from some of them."""
    for some in chunked(await stores.notifications.reader.told_of(actor), _USERS_AT_ONCE):
        for user_id in await stores.notifications.log.live_among(some):
            await enqueue(stores.jobs.redis, await stores.notifications.reader.refresh_count(stores.ids(), user_id))


async def possible_readers(stores: Stores, author: UserId, act_id: int) -> AsyncIterator[list[UserId]]:
    """Pages of users whom the author's newest tweets, as many as fit into a list, reach by hashtags and retweets.

    On the way it tells those who follow lists with the retweeters.
    """
    before, left, seen = None, stores.timelines.home.length, set[UserId]()
    tags: set[str] = set()
    while left > 0:
        items = await stores.tweets.items.by_author(author, before, min(left, _TWEETS_AT_ONCE), with_replies=True)
        if not items:
            break
        before, left = items[-1].id, left - len(items)
        tweets = [item for item in items if isinstance(item, TweetRecord)]
        tags.update(tag for tweet in tweets if tweet.reply_to_author is None for tag in tweet.tags)
        for retweeter in await _retweeters(stores.tweets.retweets, [tweet.id for tweet in tweets]) - seen:
            seen.add(retweeter)
            await tell_lists_of(stores, act_id, [retweeter])
            yield [retweeter]
            async for page in target_pages(stores, retweeter):
                yield page
    async for page in stores.trends.hashtags.follower_pages(sorted(tags), page_size(stores)):
        yield page


async def _retweeters(retweets: RetweetStore, tweet_ids: list[TweetId]) -> set[UserId]:
    return {user_id for log in await retweets.logs(tweet_ids) for _, user_id in log.entries}
