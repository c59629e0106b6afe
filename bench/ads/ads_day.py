"""Simulation of a day of advertising: 10,000 people with the activity of a real network, and 50 one-day campaigns.

Auction, pacing and ad layout are those of the service; stores and clock are simulated.
`ROOKERY_PICTURES` names a folder for the pictures of docs/ads.md.
"""

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.data.network import Network, social_network
from bench.harness.figures import Figure, percentile
from core.devices import DeviceKind
from core.ids import CampaignId, TweetId, UserId
from datastore.admin.capacity.charts import CategoryAxes, bar_chart, category_line_chart
from datastore.admin.importer.sentiment140 import parse_tweet
from datastore.admin.importer.sources import BadLineError
from datastore.ads.campaigns import MILLICENTS, CampaignRecord
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.users.viewpoint_records import Viewpoint
from resolvers.auction.auction import AdCandidate, AdViewer, ad_candidate, ranked_by_score, run_auction
from resolvers.auction.layout import AdLayout, downward

PEOPLE, CAMPAIGNS, TAGS = 10_000, 50, 30
PAGES_EACH, PAGE, SPACING = 8, 20, 8
SHOWN, SAMPLES = 0.8, 97
_MINUTES = 24 * 60
_DAY = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visit:
    minute: int
    person: int
    device: DeviceKind


@dataclass(slots=True)
class Day:
    """`spent` has the share of each budget at each sample; `slots` and `filled` count by hour."""

    campaigns: list[CampaignRecord]
    click_rates: list[float]
    spent: list[list[float]] = field(default_factory=list)
    slots: Counter[int] = field(default_factory=Counter)
    filled: Counter[int] = field(default_factory=Counter)
    seen: Counter[tuple[int, CampaignId]] = field(default_factory=Counter)


async def run() -> list[Figure]:
    dice = random.Random(6)
    with social_network() as network:
        visits, title = _visits(network, dice), network.title
    day = _play(visits, dice)
    _draw(day)
    return _figures(day, len(visits), title)


def _visits(network: Network, dice: random.Random) -> list[Visit]:
    """People visit in proportion to their degree in the network, at the hours of the network's tweets."""
    degrees = Counter(word for line in network.graph.read_text().splitlines() for word in line.split())
    hours = Counter[int]()
    for line in network.tweets.read_bytes().splitlines():
        try:
            hours[datetime.fromtimestamp(parse_tweet(line).ms / 1000, UTC).hour] += 1
        except BadLineError:
            continue
    activity = dice.choices([*degrees.values()], k=PEOPLE)
    people = dice.choices(range(PEOPLE), activity, k=PEOPLE * PAGES_EACH)
    devices = dice.choices([*DeviceKind], (4, 3, 3, 1), k=PEOPLE)
    when = dice.choices([*hours], [*hours.values()], k=len(people))
    visits = [
        Visit(hour * 60 + dice.randrange(60), person, devices[person])
        for hour, person in zip(when, people, strict=True)
    ]
    return sorted(visits, key=lambda visit: visit.minute)


def _play(visits: Sequence[Visit], dice: random.Random) -> Day:
    day = Day(*_campaigns(dice))
    interests = [frozenset(map(_tag, dice.sample(range(TAGS), dice.randint(0, 4)))) for _ in range(PEOPLE)]
    coming = iter(visits)
    visit = next(coming, None)
    for minute in range(_MINUTES):
        if minute % (_MINUTES // (SAMPLES - 1)) == 0:
            day.spent.append([campaign.spent / campaign.budget for campaign in day.campaigns])
        candidates = ranked_by_score(map(_candidate, day.campaigns))
        while visit is not None and visit.minute == minute:
            _visit(day, candidates, visit, interests[visit.person], dice)
            visit = next(coming, None)
    day.spent.append([campaign.spent / campaign.budget for campaign in day.campaigns])
    return day


def _visit(
    day: Day, candidates: Sequence[AdCandidate], visit: Visit, tags: frozenset[str], dice: random.Random
) -> None:
    """One page; a share of its advertisements is seen and recorded."""
    shown = {candidate.campaign.id: day.seen[visit.person, candidate.campaign.id] for candidate in candidates}
    viewer = AdViewer(Viewpoint(UserId(visit.person + 1_000)), tags, shown, visit.device)
    now, wanted = _DAY + timedelta(minutes=visit.minute), PAGE // (SPACING + 1) + 1
    chosen = run_auction(candidates, viewer, now.timestamp() * 1000, wanted)
    room = [slot for slot in downward(PAGE, PAGE, AdLayout(SPACING, wanted)) if slot.organic is None]
    day.slots[visit.minute // 60] += len(room)
    day.filled[visit.minute // 60] += min(len(room), len(chosen))
    for candidate in islice(chosen, len(room)):
        if dice.random() < SHOWN:
            _record(day, candidate.campaign.id, visit.person, dice)


def _record(day: Day, campaign_id: CampaignId, person: int, dice: random.Random) -> None:
    campaign = day.campaigns[campaign_id]
    if campaign.left < campaign.bid_cents or day.seen[person, campaign_id] >= campaign.frequency_cap:
        return
    day.seen[person, campaign_id] += 1
    day.campaigns[campaign_id] = campaign._replace(
        left=campaign.left - campaign.bid_cents,
        impressions=campaign.impressions + 1,
        clicks=campaign.clicks + (dice.random() < day.click_rates[campaign_id]),
    )


def _campaigns(dice: random.Random) -> tuple[list[CampaignRecord], list[float]]:
    """Campaigns with budgets for nine tenths of the supply; some target hashtags, some phones."""
    weights = [dice.lognormvariate(0, 0.8) for _ in range(CAMPAIGNS)]
    supply = 0.9 * PEOPLE * PAGES_EACH * SHOWN * (PAGE // (SPACING + 1))
    made = []
    for number, weight in enumerate(weights):
        bid, kind = dice.randint(100, 1_000), number % 5
        impressions = supply * weight / sum(weights)
        budget = max(1, round(impressions * bid / MILLICENTS))
        tags = frozenset(map(_tag, dice.sample(range(TAGS), 6))) if kind == 1 else frozenset[str]()
        made.append(
            CampaignRecord(
                id=CampaignId(number),
                advertiser_id=UserId(number + 1),
                tweet_id=TweetId(number + 1),
                bid_cents=bid,
                budget_cents=budget,
                starts_at=_DAY,
                ends_at=_DAY + timedelta(days=1),
                hashtags=tuple(tags),
                tags=tags,
                devices=(DeviceKind.IOS, DeviceKind.ANDROID) if kind == 2 else (),
                frequency_cap=dice.randint(1, 6),
                is_paused=False,
                left=budget * MILLICENTS,
            )
        )
    return made, [dice.betavariate(2, 150) for _ in weights]


def _candidate(campaign: CampaignRecord) -> AdCandidate:
    tweet = TweetRecord(campaign.tweet_id, campaign.advertiser_id, "An advertisement", campaign.tweet_id)
    return ad_candidate(campaign, tweet, UserRecord(campaign.advertiser_id, f"shop_{campaign.id}", "A shop"))


def _tag(number: int) -> str:
    return f"tag{number}"


def _draw(day: Day) -> None:
    folder = os.environ.get("ROOKERY_PICTURES")
    if folder is None:
        return
    hours = [f"{hour}:00" for hour in range(0, 25, 4)]
    lines = [[100 * spent[number] for spent in day.spent] for number in range(CAMPAIGNS)]
    mean = [100 * _spent(day, at) for at in range(len(day.spent))]
    axes = CategoryAxes("Spent of the budget; blue: of all together", 100, "%", hours)
    pacing = category_line_chart(axes, [*lines, mean])
    rates = [100 * day.filled[hour] / max(day.slots[hour], 1) for hour in range(24)]
    fill = bar_chart(CategoryAxes("Slots filled, by hour", 100, "%", [str(hour) for hour in range(24)]), rates)
    often = _often(day)
    most = max(often.values())
    times = [str(number) for number in sorted(often)]
    seen = bar_chart(
        CategoryAxes("People and campaigns, by impressions in the day", round(most / 1_000 + 0.5), "k", times),
        [often[number] / 1_000 for number in sorted(often)],
    )
    for name, picture in (("pacing", pacing), ("fill", fill), ("frequency", seen)):
        Path(folder, f"ads-{name}.svg").write_text(picture)


def _spent(day: Day, at: int) -> float:
    """The spent share of all budgets together."""
    whole = sum(campaign.budget for campaign in day.campaigns)
    return sum(share * one.budget for share, one in zip(day.spent[at], day.campaigns, strict=True)) / whole


def _often(day: Day) -> Counter[int]:
    return Counter(day.seen.values())


def _figures(day: Day, pages: int, title: str) -> list[Figure]:
    for campaign in day.campaigns:
        assert campaign.spent == campaign.impressions * campaign.bid_cents <= campaign.budget
    assert all(times <= day.campaigns[campaign_id].frequency_cap for (_, campaign_id), times in day.seen.items())
    fill = sum(day.filled.values()) / sum(day.slots.values())
    last = [100 * share for share in day.spent[-1]]
    ahead = max(_spent(day, at) - at / (SAMPLES - 1) for at in range(SAMPLES))
    return [
        Figure("ads_day", f"{PEOPLE:,} people, {CAMPAIGNS} campaigns, {title}", f"{pages:,} pages"),
        Figure("ads_day", "  slots filled", f"{fill:.1%}"),
        Figure("ads_day", "  spent of all budgets at 6:00, 12:00, 18:00 and 24:00", _quarters(day)),
        Figure(
            "ads_day", "  spent of a budget, median and lowest", f"{percentile(last, 50):.0f} and {min(last):.0f} %"
        ),
        Figure("ads_day", "  furthest ahead of time, all budgets together", f"{ahead:.1%}"),
        Figure("ads_day", "  budgets or frequency caps passed", "none", "none"),
    ]


def _quarters(day: Day) -> str:
    return ", ".join(f"{_spent(day, at):.0%}" for at in (24, 48, 72, 96))
