"""The viewer's own campaigns: create, pause, resume, list. Their status also changes with time and budget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from core.auth.tokens import utc_now
from core.devices import DeviceKind
from core.errors import RefusalError, UnavailableError, UserErrorCode
from core.ids import CampaignId, TweetId
from core.text.fold import tag_key
from core.text.text import clean_tag
from datastore.ads.campaigns import MILLICENTS, CampaignRecord, CampaignStatus, Review
from datastore.records.items import TweetRecord
from datastore.tweets.stores import TweetStores
from resolvers.auction.inventory import AdInventory
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.pages import Page, check_first, page_of
from resolvers.services import Services
from resolvers.visibility import visible_tweet

MOST_BID_CENTS, MOST_BUDGET_CENTS = 1_000_000, 100_000_000
MOST_DAYS, MOST_HASHTAGS, MOST_IMPRESSIONS_A_DAY = 366, 20, 100


@dataclass(frozen=True, slots=True)
class Booking:
    """The input of a new campaign."""

    tweet_id: TweetId
    bid_cents: int
    budget_cents: int
    starts_at: datetime
    ends_at: datetime
    hashtags: Sequence[str] = ()
    devices: Sequence[DeviceKind] = ()
    frequency_cap: int = 3


CampaignAndTweet: TypeAlias = tuple[CampaignRecord, TweetRecord]


async def create_campaign(services: Services, identity: Identity, booking: Booking) -> CampaignAndTweet:
    """Not shown until it is reviewed, if that is on. Raises RefusalError with every invalid field."""
    errors = InputErrors()
    _check_money(errors, booking)
    _check_time(errors, booking)
    hashtags = _clean_hashtags(errors, booking.hashtags)
    _check_range(errors, "frequencyCap", booking.frequency_cap, MOST_IMPRESSIONS_A_DAY)
    tweet = await _promotable(services, identity, errors, booking.tweet_id)
    errors.raise_if_any()
    campaign = CampaignRecord(
        id=CampaignId(services.stores.ids()),
        advertiser_id=identity.user_id,
        tweet_id=booking.tweet_id,
        bid_cents=booking.bid_cents,
        budget_cents=booking.budget_cents,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        hashtags=tuple(hashtags.values()),
        tags=frozenset(hashtags),
        devices=tuple(dict.fromkeys(booking.devices)),
        frequency_cap=booking.frequency_cap,
        is_paused=False,
        left=booking.budget_cents * MILLICENTS,
        review=Review.IN_REVIEW if services.reviews_ads else None,
    )
    await services.stores.ads.campaigns.insert(campaign)
    await refresh_inventory(services.ad_inventory)
    return campaign, tweet


async def set_paused(
    services: Services, identity: Identity, campaign_id: CampaignId, *, is_paused: bool
) -> CampaignAndTweet:
    """Idempotent. Raises RefusalError NOT_FOUND unless the campaign is the viewer's."""
    found = await campaign_of(services, identity, campaign_id)
    paused = await services.stores.ads.campaigns.set_paused(campaign_id, is_paused=is_paused) if found else None
    if found is None or paused is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such campaign.", "id")
    await refresh_inventory(services.ad_inventory)
    return paused, found[1]


async def campaigns_of(
    services: Services, identity: Identity, first: int, before: int | None
) -> Page[CampaignAndTweet]:
    """The viewer's own, newest first, without those whose tweet is deleted."""
    found: list[CampaignAndTweet] = []
    place, wanted = before, check_first(first) + 1
    while len(found) <= first:
        campaigns = await services.stores.ads.campaigns.by_advertiser(identity.user_id, place, wanted)
        found += await with_tweets(services.stores.tweets, campaigns)
        if len(campaigns) < wanted:
            break
        place = campaigns[-1].id
    return page_of(found, first, lambda entry: entry[0].id, has_previous=before is not None)


async def campaign_of(
    services: Services, identity: Identity | None, campaign_id: CampaignId
) -> CampaignAndTweet | None:
    """None for anyone but the advertiser, and if its tweet is deleted."""
    campaign = None if identity is None else await services.stores.ads.campaigns.get(campaign_id)
    if campaign is None or identity is None or campaign.advertiser_id != identity.user_id:
        return None
    found = await with_tweets(services.stores.tweets, [campaign])
    return found[0] if found else None


async def may_be_shown(services: Services, tweet: TweetRecord) -> bool:
    """Whether a campaign shows the tweet, or may show it without another review."""
    running = {CampaignStatus.ACTIVE, CampaignStatus.IN_REVIEW}
    if services.reviews_ads:
        running.add(CampaignStatus.PAUSED)
    now = utc_now()
    campaigns = await services.stores.ads.campaigns.of_tweet(tweet.author_id, tweet.id)
    return any(campaign.status(now) in running for campaign in campaigns)


async def with_tweets(tweet_stores: TweetStores, campaigns: Sequence[CampaignRecord]) -> list[CampaignAndTweet]:
    """In the order given, without those whose tweet is deleted."""
    tweets = await tweet_stores.items.get_many([campaign.tweet_id for campaign in campaigns])
    pairs = zip(campaigns, tweets, strict=True)
    return [(campaign, tweet) for campaign, tweet in pairs if isinstance(tweet, TweetRecord)]


async def refresh_inventory(ad_inventory: AdInventory) -> None:
    """At once in this process; other processes refresh every second, as does this one if MongoDB is away."""
    try:
        await ad_inventory.refresh()
    except UnavailableError:
        return


def _check_money(errors: InputErrors, booking: Booking) -> None:
    _check_range(errors, "bidCents", booking.bid_cents, MOST_BID_CENTS)
    _check_range(errors, "budgetCents", booking.budget_cents, MOST_BUDGET_CENTS)
    if 0 < booking.budget_cents * MILLICENTS < booking.bid_cents <= MOST_BID_CENTS:
        errors.add("budgetCents", UserErrorCode.INVALID, "The budget does not pay for one impression.")


def _check_range(errors: InputErrors, field: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        errors.add(field, UserErrorCode.INVALID, f"It must be 1 to {most:,}.")


def _check_time(errors: InputErrors, booking: Booking) -> None:
    if booking.ends_at <= booking.starts_at:
        errors.add("endsAt", UserErrorCode.INVALID, "A campaign ends after it starts.")
    elif booking.ends_at <= utc_now():
        errors.add("endsAt", UserErrorCode.INVALID, "A campaign ends in the future.")
    elif booking.ends_at - booking.starts_at > timedelta(days=MOST_DAYS):
        errors.add("endsAt", UserErrorCode.INVALID, f"A campaign lasts {MOST_DAYS} days at most.")


def _clean_hashtags(errors: InputErrors, hashtags: Sequence[str]) -> dict[str, str]:
    """Clean hashtags by their keys."""
    if len(hashtags) > MOST_HASHTAGS:
        errors.add("targetHashtags", UserErrorCode.TOO_LONG, f"At most {MOST_HASHTAGS} hashtags.")
        return {}
    clean: Callable[[str], str] = lambda tag: errors.clean("targetHashtags", clean_tag, tag)  # noqa: E731 - one word
    return {tag_key(tag): tag for tag in map(clean, hashtags)}


async def _promotable(services: Services, identity: Identity, errors: InputErrors, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError, with all errors collected so far, if there is no such tweet."""
    try:
        tweet = await visible_tweet(services.stores, identity, tweet_id)
    except RefusalError as refusal:
        errors.add("tweet", UserErrorCode.NOT_FOUND, refusal.errors[0].message)
        errors.raise_if_any()
        raise
    author = await services.stores.users.accounts.get(tweet.author_id)
    if tweet.author_id != identity.user_id:
        errors.add("tweet", UserErrorCode.FORBIDDEN, "It is somebody else's tweet.")
    elif author is None or author.is_protected:
        errors.add("tweet", UserErrorCode.FORBIDDEN, "Tweets of protected accounts are not shown to others.")
    elif tweet.is_removed:
        errors.add("tweet", UserErrorCode.FORBIDDEN, "A moderator removed it.")
    return tweet
