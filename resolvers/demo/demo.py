"""Loads demo data into an empty database, so that a newcomer finds a populated service."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from core.auth.tokens import utc_now
from core.ids import CampaignId, SnowflakeMaker, TweetId, wall_ms
from core.settings import SignUp
from datastore.ads.campaigns import MILLICENTS, CampaignRecord, DailyFigures
from datastore.users.stores import UserStores
from resolvers.accounts import profiles
from resolvers.accounts.profiles import ProfileChanges
from resolvers.accounts.registration import Registration, register
from resolvers.ads import campaigns
from resolvers.ads.campaigns import Booking
from resolvers.demo.cast import FOLLOWS, HANDLE, HASHTAGS, PEOPLE, DemoPerson
from resolvers.demo.story import BOOKMARKS, OWN_CAMPAIGN, OWN_DAYS, PROMOTED, TWEETS, DemoTweet
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
_SIGNED_UP_DAYS_AGO = 30

People = dict[str, Identity]


async def is_wanted(users: UserStores) -> bool:
    return await users.accounts.is_empty()


async def load(services: Services) -> None:
    """Calls the use cases of ordinary requests, without limits, with ids of the past days."""
    rules = replace(services.account_rules, sign_up=SignUp.OPEN)
    services = replace(services, is_rate_limited=False, act_limits={}, account_rules=rules)
    people = {
        person.handle: await _register(_at(services, _signed_up_ms(), number), person)
        for number, person in enumerate(PEOPLE)
    }
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
    wanted = Registration(person.handle, person.name, email, PASSWORD, is_email_verified=True)
    signed_in = await register(services, wanted, address="")
    if signed_in is None:
        raise RuntimeError("a verified account is signed in")
    await profiles.update_profile(services, signed_in.identity, ProfileChanges({"bio": person.bio}))
    return signed_in.identity


async def _post(services: Services, people: People) -> list[TweetId]:
    """The ids, in the order of TWEETS."""
    posted: list[TweetId] = []
    for number, tweet in enumerate(TWEETS):
        posting = Posting(
            tweet.text,
            in_reply_to=None if tweet.answers is None else posted[tweet.answers],
            quoted=None if tweet.quotes is None else posted[tweet.quotes],
        )
        then = _at(services, _posted_ms(tweet), number)
        posted.append((await tweets.post_tweet(then, people[tweet.handle], posting)).id)
    return posted


async def _react(services: Services, people: People, posted: list[TweetId]) -> None:
    """Likes, retweets and bookmarks, some minutes after each tweet."""
    for number, tweet in enumerate(TWEETS):
        liking = [
            likes.like(_at(services, _later_ms(tweet, place), number), people[handle], posted[number])
            for place, handle in enumerate(tweet.likes.split())
        ]
        await asyncio.gather(*liking)
        for place, handle in enumerate(tweet.retweets.split()):
            then = _at(services, _later_ms(tweet, place), 100 + number)
            await retweets.retweet(then, people[handle], posted[number])
    for place in BOOKMARKS:
        await bookmarks.bookmark(services, people[HANDLE], posted[place])


async def _advertise(services: Services, people: People, posted: list[TweetId]) -> None:
    """A campaign of the bakery that begins now, and one of the demo account that began a week ago."""
    now = utc_now()
    until = now + timedelta(days=_DAYS_LEFT)
    bakery = people[TWEETS[PROMOTED].handle]
    booking = Booking(posted[PROMOTED], _BID_CENTS, _BUDGET_CENTS, now, until, frequency_cap=20)
    await campaigns.create_campaign(services, bakery, booking)
    started = CampaignRecord(
        id=CampaignId(services.stores.ids()),
        advertiser_id=people[HANDLE].user_id,
        tweet_id=posted[OWN_CAMPAIGN],
        bid_cents=_BID_CENTS,
        budget_cents=_BUDGET_CENTS,
        starts_at=now - timedelta(days=len(OWN_DAYS)),
        ends_at=until,
        hashtags=(),
        tags=frozenset(),
        devices=(),
        frequency_cap=3,
        is_paused=False,
        left=_BUDGET_CENTS * MILLICENTS,
    )
    await services.stores.ads.campaigns.insert(_with_figures(started))


def _with_figures(campaign: CampaignRecord) -> CampaignRecord:
    """The campaign after OWN_DAYS."""
    days = tuple(
        DailyFigures((campaign.starts_at + timedelta(days=number)).date(), *day, day.impressions * _BID_CENTS)
        for number, day in enumerate(OWN_DAYS)
    )
    return campaign._replace(
        left=campaign.left - sum(day.spent for day in days),
        impressions=sum(day.impressions for day in days),
        clicks=sum(day.clicks for day in days),
        days=days,
    )


async def _protect(services: Services, people: People) -> None:
    protected = [people[person.handle] for person in PEOPLE if person.is_protected]
    await asyncio.gather(
        *[profiles.update_profile(services, one, ProfileChanges({"is_protected": True})) for one in protected]
    )


def _signed_up_ms() -> int:
    """Before all tweets, so that trends count them."""
    return wall_ms() - _SIGNED_UP_DAYS_AGO * 24 * 60 * _MINUTE_MS


def _posted_ms(tweet: DemoTweet) -> int:
    return wall_ms() - tweet.minutes_ago * _MINUTE_MS


def _later_ms(tweet: DemoTweet, place: int) -> int:
    """A time between the tweet and now, in Unix milliseconds."""
    return _posted_ms(tweet) + tweet.minutes_ago * _MINUTE_MS * (place + 1) // (len(PEOPLE) + 1) // 2


def _at(services: Services, ms: int, number: int) -> Services:
    """The same services with a clock that stands at `ms`; `number` is a worker number for its ids."""
    ids = SnowflakeMaker(number, lambda: ms)
    return replace(services, stores=replace(services.stores, ids=ids))
