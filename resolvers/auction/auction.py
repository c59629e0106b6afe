"""Which advertisements somebody gets: an auction among the campaigns that are for them. Pure functions.

A bid counts by how often people click: bid x (clicks + 1) / (impressions + 100), so that a campaign nobody knows yet is
taken for one in a hundred. Who wins pays their own bid.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

from core.devices import DeviceKind
from core.ids import CampaignId, TweetId
from datastore.ads.campaigns import CampaignRecord
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_be_promoted_to
from datastore.users.viewpoints import Viewpoint

_EXPECTED_CLICKS, _EXPECTED_IMPRESSIONS = 1, 100
# What may be spent ahead of time: small budgets are not held back at all, large ones by the hour.
_AHEAD_IMPRESSIONS, _AHEAD_SHARE = 100, 0.02
_MOMENT = timedelta(microseconds=1)


class Offer(NamedTuple):
    """A campaign with the tweet that it shows and who wrote it. Made by `offered`.

    `pays_from` and `pays_until`: when it can pay as it stands, in Unix milliseconds; infinite where it can't.
    """

    campaign: CampaignRecord
    tweet: TweetRecord
    author: UserRecord
    pays_from: float
    pays_until: float


class Reader(NamedTuple):
    """Whom an advertisement is for. `tags`: hashtags of what they follow and lately liked; `shown` in 24 hours."""

    view: Viewpoint
    tags: frozenset[str]
    shown: Mapping[CampaignId, int]
    device: DeviceKind


def offered(campaign: CampaignRecord, tweet: TweetRecord, author: UserRecord) -> Offer:
    return Offer(campaign, tweet, author, _pays_from(campaign), _ms(campaign.ends_at))


def ranked(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Whoever wins the auction first."""
    return tuple(sorted(offers, key=lambda offer: (-score(offer.campaign), offer.campaign.id)))


def score(campaign: CampaignRecord) -> float:
    """Cents expected for a hundred thousand impressions, were clicks what is paid for."""
    click_rate = (campaign.clicks + _EXPECTED_CLICKS) / (campaign.impressions + _EXPECTED_IMPRESSIONS)
    return campaign.bid_cents * click_rate


def choose(
    offers: Sequence[Offer], reader: Reader, now_ms: float, count: int, *, on_page: Collection[TweetId] = ()
) -> list[Offer]:
    """At most `count`, the best first, no tweet twice. Tweets that stand on the page anyway come after all others."""
    chosen: dict[TweetId, Offer] = {}
    again: dict[TweetId, Offer] = {}
    for offer in offers:
        if len(chosen) >= count:
            break
        kept = again if offer.tweet.id in on_page else chosen
        if offer.tweet.id not in kept and is_for(offer, reader, now_ms):
            kept[offer.tweet.id] = offer
    return [*chosen.values(), *again.values()][:count]


def is_for(offer: Offer, reader: Reader, now_ms: float) -> bool:
    """Whether it can pay at this moment, and may be shown to who reads."""
    campaign = offer.campaign
    if not offer.pays_from <= now_ms < offer.pays_until:
        return False
    if campaign.devices and reader.device not in campaign.devices:
        return False
    if campaign.tags and campaign.tags.isdisjoint(reader.tags):
        return False
    if reader.shown.get(campaign.id, 0) >= campaign.frequency_cap:
        return False
    return may_be_promoted_to(reader.view, offer.tweet, offer.author)


def _pays_from(campaign: CampaignRecord) -> float:
    """When it is not ahead of its time any more, did it spend nothing from now on."""
    if campaign.is_paused or campaign.left < campaign.bid_cents:
        return inf
    ahead = max(_AHEAD_IMPRESSIONS * campaign.bid_cents, _AHEAD_SHARE * campaign.budget)
    lasts = max(campaign.ends_at - campaign.starts_at, _MOMENT)
    return _ms(campaign.starts_at + lasts * max((campaign.spent - ahead) / campaign.budget, 0))


def _ms(moment: datetime) -> float:
    return moment.timestamp() * 1000
