"""Demo people and what they did, for an empty database, so that a newcomer's first look finds something alive."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from core.auth.tokens import utc_now
from core.ids import CampaignId, SnowflakeMaker, TweetId, wall_ms
from datastore.ads.campaigns import MILLICENTS, CampaignRecord, DailyFigures
from resolvers.accounts import profiles, sessions
from resolvers.accounts.profiles import ProfileChanges
from resolvers.accounts.sessions import Registration
from resolvers.ads import campaigns
from resolvers.ads.campaigns import Booking
from resolvers.demo.story import (
    BOOKMARKS,
    FOLLOWS,
    HANDLE,
    HASHTAGS,
    OWN_CAMPAIGN,
    OWN_DAYS,
    PEOPLE,
    PROMOTED,
    TWEETS,
    DemoPerson,
    DemoTweet,
)
from resolvers.graph import follows
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.trends import hashtags
from resolvers.tweets import bookmarks, likes, retweets, tweets
from resolvers.tweets.tweets import Posting

__all__ = ["HANDLE", "PASSWORD", "is_wanted", "load"]

PASSWORD = "rookery-demo"  # noqa: S105 - printed on purpose
_MINUTE_MS = 60_000
_BID_CENTS, _BUDGET_CENTS = 450, 5_000
_DAYS_LEFT = 21

People = dict[str, Identity]


async def is_wanted(services: Services) -> bool:
    return await services.stores.users.accounts.is_empty()


async def load(services: Services) -> None:
    """Through the same use cases as any client's requests, at moments of the past days."""
    people = {person.handle: await _register(services, person) for person in PEOPLE}
    for follower, followees in FOLLOWS:
        for followee in followees:
            await follows.follow(services, people[follower], people[followee].user_id)
    for name in HASHTAGS:
        await hashtags.follow_hashtag(services, people[HANDLE], name)
    posted = await _post(services, people)
    await _react(services, people, posted)
    await _advertise(services, people, posted)
    await _protect(services, people)


async def _register(services: Services, person: DemoPerson) -> Identity:
    email = f"{person.handle}@rookery.example"
    signed_in = await sessions.register(services, Registration(person.handle, person.name, email, PASSWORD))
    await profiles.update_profile(services, signed_in.identity, ProfileChanges({"bio": person.bio}))
    return signed_in.identity


async def _post(services: Services, people: People) -> list[TweetId]:
    """Their ids, in the order of the story."""
    posted: list[TweetId] = []
    for number, tweet in enumerate(TWEETS):
        posting = Posting(
            tweet.text,
            in_reply_to=None if tweet.answers is None else posted[tweet.answers],
            quoted=None if tweet.quotes is None else posted[tweet.quotes],
        )
        then = _at(services, _moment(tweet), number)
        posted.append((await tweets.post_tweet(then, people[tweet.handle], posting)).id)
    return posted


async def _react(services: Services, people: People, posted: list[TweetId]) -> None:
    """Likes, retweets and bookmarks, some minutes after each tweet."""
    for number, tweet in enumerate(TWEETS):
        liking = [
            likes.like(_at(services, _soon_after(tweet, place), number), people[handle], posted[number])
            for place, handle in enumerate(tweet.likes.split())
        ]
        await asyncio.gather(*liking)
        for place, handle in enumerate(tweet.retweets.split()):
            then = _at(services, _soon_after(tweet, place), 100 + number)
            await retweets.retweet(then, people[handle], posted[number])
    for place in BOOKMARKS:
        await bookmarks.bookmark(services, people[HANDLE], posted[place])


async def _advertise(services: Services, people: People, posted: list[TweetId]) -> None:
    """A campaign of the bakery that runs from now on, and one of the demo account that has a week behind it."""
    now = utc_now()
    until = now + timedelta(days=_DAYS_LEFT)
    bakery = people[TWEETS[PROMOTED].handle]
    booking = Booking(posted[PROMOTED], _BID_CENTS, _BUDGET_CENTS, now, until, frequency_cap=20)
    await campaigns.create_campaign(services, bakery, booking)
    first = now - timedelta(days=len(OWN_DAYS))
    days = tuple(
        DailyFigures((first + timedelta(days=number)).date(), *day, day.impressions * _BID_CENTS)
        for number, day in enumerate(OWN_DAYS)
    )
    await services.stores.ads.campaigns.insert(
        CampaignRecord(
            id=CampaignId(services.stores.ids()),
            advertiser_id=people[HANDLE].user_id,
            tweet_id=posted[OWN_CAMPAIGN],
            bid_cents=_BID_CENTS,
            budget_cents=_BUDGET_CENTS,
            starts_at=first,
            ends_at=until,
            hashtags=(),
            tags=frozenset(),
            devices=(),
            frequency_cap=3,
            is_paused=False,
            left=_BUDGET_CENTS * MILLICENTS - sum(day.spent for day in days),
            impressions=sum(day.impressions for day in days),
            clicks=sum(day.clicks for day in days),
            days=days,
        )
    )


async def _protect(services: Services, people: People) -> None:
    protected = [people[person.handle] for person in PEOPLE if person.is_protected]
    await asyncio.gather(
        *[profiles.update_profile(services, one, ProfileChanges({"is_protected": True})) for one in protected]
    )


def _moment(tweet: DemoTweet) -> int:
    return wall_ms() - tweet.minutes_ago * _MINUTE_MS


def _soon_after(tweet: DemoTweet, place: int) -> int:
    """At a moment between the tweet and now."""
    return _moment(tweet) + tweet.minutes_ago * _MINUTE_MS * (place + 1) // (len(PEOPLE) + 1) // 2


def _at(services: Services, ms: int, number: int) -> Services:
    """The same services, at another moment."""
    ids = SnowflakeMaker(number, lambda: ms)
    return replace(services, stores=replace(services.stores, ids=ids))
