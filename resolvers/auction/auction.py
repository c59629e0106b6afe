"""The ad auction: chooses the advertisements for a viewer among all eligible campaigns. Pure functions.

A bid is weighted by click rate: bid x (clicks + 1) / (impressions + 100), so that a new campaign is assumed to get one
click in a hundred impressions. The winner pays its own bid.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from typing import NamedTuple

from core.devices import DeviceKind
from core.ids import CampaignId, TweetId
from datastore.ads.campaigns import CampaignRecord
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_be_promoted_to
from datastore.users.viewpoint_records import Viewpoint

_EXPECTED_CLICKS, _EXPECTED_IMPRESSIONS = 1, 100
# Spending allowed ahead of schedule: small budgets are not paced at all, large ones by the hour.
_AHEAD_IMPRESSIONS, _AHEAD_SHARE = 100, 0.02
_MOMENT = timedelta(microseconds=1)


class TargetingReason(StrEnum):
    """Reason for which a campaign fits a viewer."""

    EVERYBODY = "EVERYBODY"
    DEVICE = "DEVICE"
    HASHTAG_FOLLOWED = "HASHTAG_FOLLOWED"
    HASHTAG_LIKED = "HASHTAG_LIKED"


class AdCandidate(NamedTuple):
    """A campaign with its tweet and the tweet's author. Made by `ad_candidate`.

    `pays_from` and `pays_until`: the span in which it can pay as it stands, in Unix milliseconds; infinite if never.
    """

    campaign: CampaignRecord
    tweet: TweetRecord
    author: UserRecord
    pays_from: float
    pays_until: float


class AdViewer(NamedTuple):
    """The viewer of a page. `liked`: hashtags of recent likes; `shown`: impressions in 24 hours.

    `unwanted`: tweets that are not to be advertised to them.
    """

    view: Viewpoint
    liked: frozenset[str]
    shown: Mapping[CampaignId, int]
    device: DeviceKind
    unwanted: frozenset[TweetId] = frozenset()


def ad_candidate(campaign: CampaignRecord, tweet: TweetRecord, author: UserRecord) -> AdCandidate:
    return AdCandidate(campaign, tweet, author, _pays_from(campaign), _ms(campaign.ends_at))


def ranked_by_score(candidates: Iterable[AdCandidate]) -> tuple[AdCandidate, ...]:
    """In auction order, the winner first."""
    return tuple(sorted(candidates, key=lambda candidate: (-score(candidate.campaign), candidate.campaign.id)))


def score(campaign: CampaignRecord) -> float:
    """Expected cents per hundred thousand impressions, if clicks were paid for."""
    click_rate = (campaign.clicks + _EXPECTED_CLICKS) / (campaign.impressions + _EXPECTED_IMPRESSIONS)
    return campaign.bid_cents * click_rate


def run_auction(
    candidates: Sequence[AdCandidate], viewer: AdViewer, now_ms: float, count: int, *, on_page: Collection[TweetId] = ()
) -> list[AdCandidate]:
    """At most `count`, the best first, no tweet twice. Tweets in `on_page` come after all others."""
    chosen: dict[TweetId, AdCandidate] = {}
    again: dict[TweetId, AdCandidate] = {}
    for candidate in candidates:
        if len(chosen) >= count:
            break
        kept = again if candidate.tweet.id in on_page else chosen
        if candidate.tweet.id not in kept and is_eligible(candidate, viewer, now_ms):
            kept[candidate.tweet.id] = candidate
    return [*chosen.values(), *again.values()][:count]


def is_eligible(candidate: AdCandidate, viewer: AdViewer, now_ms: float) -> bool:
    """Whether the campaign can pay at this moment, and may be shown to the viewer."""
    campaign = candidate.campaign
    if not candidate.pays_from <= now_ms < candidate.pays_until:
        return False
    if campaign.devices and viewer.device not in campaign.devices:
        return False
    if campaign.tags and campaign.tags.isdisjoint(viewer.view.tags) and campaign.tags.isdisjoint(viewer.liked):
        return False
    if candidate.tweet.id in viewer.unwanted or viewer.shown.get(campaign.id, 0) >= campaign.frequency_cap:
        return False
    return may_be_promoted_to(viewer.view, candidate.tweet, candidate.author)


def targeting_reasons(campaign: CampaignRecord, view: Viewpoint, liked: frozenset[str]) -> tuple[TargetingReason, ...]:
    """Why an eligible campaign is shown to this viewer, at least one."""
    found = {
        TargetingReason.DEVICE: bool(campaign.devices),
        TargetingReason.HASHTAG_FOLLOWED: not campaign.tags.isdisjoint(view.tags),
        TargetingReason.HASHTAG_LIKED: not campaign.tags.isdisjoint(liked),
    }
    return tuple(reason for reason, is_given in found.items() if is_given) or (TargetingReason.EVERYBODY,)


def _pays_from(campaign: CampaignRecord) -> float:
    """The instant at which the campaign is on schedule again if it spends nothing from now on."""
    if campaign.is_paused or campaign.left < campaign.bid_cents:
        return inf
    ahead = max(_AHEAD_IMPRESSIONS * campaign.bid_cents, _AHEAD_SHARE * campaign.budget)
    lasts = max(campaign.ends_at - campaign.starts_at, _MOMENT)
    return _ms(campaign.starts_at + lasts * max((campaign.spent - ahead) / campaign.budget, 0))


def _ms(moment: datetime) -> float:
    return moment.timestamp() * 1000
