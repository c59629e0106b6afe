"""Accounts that were protected or went public: what others see of their tweets through hashtags and retweets."""

from collections.abc import AsyncIterator

import msgspec

from core.ids import TweetId, UserId
from datastore.jobs.jobs import PublishProtection
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem
from workers.timelines.fanout_targets import people_at_once, reader_pages
from workers.timelines.visibility_diffs import revise_for_author

_TWEETS_AT_ONCE = 100


async def guard(stores: Stores, job: PublishProtection) -> None:
    """Followers see no change. Nothing to do where the account is otherwise again, or was so before."""
    user = await stores.users.accounts.get_uncached(job.user_id)
    if user is None or user.is_protected is not job.is_protected or not await stores.jobs.outbox.is_pending(job):
        return

    def earlier(shown: HydratedItem) -> HydratedItem:
        if shown.author is None or shown.author.id != job.user_id:
            return shown
        return msgspec.structs.replace(
            shown, author=msgspec.structs.replace(shown.author, is_protected=not job.is_protected)
        )

    told: set[UserId] = set()
    async for page in _strangers(stores, job.user_id):
        for reader in await stores.timelines.home_log.live_among([one for one in page if one not in told]):
            told.add(reader)
            await revise_for_author(stores, reader, job.act_id, earlier)


async def _strangers(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    """Whom the author's newest tweets, as many as a list holds, reach by hashtags and retweets."""
    place, left, seen = None, stores.timelines.home.length, set[UserId]()
    tags: set[str] = set()
    while left > 0:
        items = await stores.tweets.items.by_author(author, place, min(left, _TWEETS_AT_ONCE), with_replies=True)
        if not items:
            break
        place, left = items[-1].id, left - len(items)
        tweets = [item for item in items if isinstance(item, TweetRecord)]
        tags.update(tag for tweet in tweets if tweet.reply_to_author is None for tag in tweet.tags)
        for retweeter in await _retweeters(stores, [tweet.id for tweet in tweets]) - seen:
            seen.add(retweeter)
            yield [retweeter]
            async for page in reader_pages(stores, retweeter):
                yield page
    async for page in stores.trends.hashtags.follower_pages(sorted(tags), people_at_once(stores)):
        yield page


async def _retweeters(stores: Stores, tweet_ids: list[TweetId]) -> set[UserId]:
    return {user_id for log in await stores.tweets.retweets.logs(tweet_ids) for _, user_id in log.entries}
