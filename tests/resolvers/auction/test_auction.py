"""The ad auction: winner, eligibility and pacing, against the definitions of docs/ads.md."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from core.devices import DeviceKind
from core.ids import CampaignId, TweetId, UserId
from datastore.ads.campaigns import CampaignRecord, CampaignStatus
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from resolvers.auction.auction import (
    AdCandidate,
    AdViewer,
    TargetingReason,
    ad_candidate,
    ranked_by_score,
    run_auction,
    targeting_reasons,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
READER = AdViewer(Viewpoint(UserId(1)), frozenset(), {}, DeviceKind.API)


def campaign(number: int = 1, **more: Any) -> CampaignRecord:
    """A campaign halfway through its day: a cent per impression, a budget of a thousand dollars, nothing spent."""
    wanted: dict[str, Any] = {
        "bid_cents": 1_000,
        "budget_cents": 100_000,
        "starts_at": NOW - DAY / 2,
        "ends_at": NOW + DAY / 2,
        "tags": frozenset(),
        "devices": (),
        "frequency_cap": 3,
        "is_paused": False,
        "tweet_id": TweetId(number),
        **more,
    }
    spent = wanted.pop("spent", 0)
    return CampaignRecord(
        id=CampaignId(number),
        advertiser_id=UserId(9),
        hashtags=(),
        left=wanted["budget_cents"] * 1_000 - spent,
        **wanted,
    )


def candidate(record: CampaignRecord) -> AdCandidate:
    tweet = TweetRecord(record.tweet_id, record.advertiser_id, "a bargain", record.tweet_id)
    return ad_candidate(record, tweet, UserRecord(record.advertiser_id, "shop", "A shop"))


def chosen(*records: CampaignRecord, now: datetime = NOW, viewer: AdViewer = READER, **more: Any) -> list[int]:
    wanted: dict[str, Any] = {"count": 9, **more}
    found = run_auction(ranked_by_score(map(candidate, records)), viewer, now.timestamp() * 1000, **wanted)
    return [one.campaign.id for one in found]


def may_pay(record: CampaignRecord, now: datetime) -> bool:
    """The pacing rule of docs/ads.md."""
    if record.status(now) is not CampaignStatus.ACTIVE or now < record.starts_at:
        return False
    gone_by = (now - record.starts_at) / (record.ends_at - record.starts_at)
    return record.spent < gone_by * record.budget + max(100 * record.bid_cents, 0.02 * record.budget)


@given(
    bid_cents=st.integers(1, 1_000_000),
    budget_cents=st.integers(1, 100_000_000),
    share=st.floats(0, 1),
    starts=st.integers(-500_000, 500_000),
    lasts=st.integers(1, 31_622_400),
    is_paused=st.booleans(),
)
@example(bid_cents=1, budget_cents=100, share=0.5, starts=-10, lasts=20, is_paused=False)
def test_campaign_pays_while_it_is_not_ahead_of_its_time(
    bid_cents: int, budget_cents: int, share: float, starts: int, lasts: int, is_paused: bool
) -> None:
    start = NOW + timedelta(seconds=starts)
    record = campaign(
        bid_cents=bid_cents,
        budget_cents=budget_cents,
        spent=int(share * budget_cents * 1_000 // bid_cents) * bid_cents,
        starts_at=start,
        ends_at=start + timedelta(seconds=lasts),
        is_paused=is_paused,
    )
    for share_gone_by in (-0.01, 0.0, 0.25, 0.5, 0.75, 0.99, 1.0, 1.01):
        now = start + share_gone_by * timedelta(seconds=lasts)
        if may_pay(record, now - MOMENT) is may_pay(record, now + MOMENT):  # else it is the moment itself
            assert chosen(record, now=now) == [1] * may_pay(record, now)


def test_large_budget_is_spent_by_the_hour_and_a_small_one_is_not_held_back() -> None:
    assert chosen(campaign(spent=51_000_000)) == [1]
    assert chosen(campaign(spent=53_000_000)) == []
    assert chosen(campaign(spent=53_000_000), now=NOW + DAY / 24) == [1]
    assert chosen(campaign(budget_cents=100, spent=99_000)) == [1]
    assert chosen(campaign(budget_cents=100, spent=100_000)) == []


def test_campaign_is_offered_from_its_start_to_its_end() -> None:
    one = campaign()
    assert [chosen(one, now=moment) for moment in (one.starts_at - MOMENT, one.starts_at)] == [[], [1]]
    assert [chosen(one, now=moment) for moment in (one.ends_at - MOMENT, one.ends_at)] == [[1], []]


def test_bid_times_click_rate_decides_and_few_impressions_say_little() -> None:
    plain = campaign(1, bid_cents=1_000)
    higher = campaign(2, bid_cents=1_001)
    loved = campaign(3, bid_cents=500)._replace(impressions=1_000, clicks=50)
    lucky = campaign(4, bid_cents=400)._replace(impressions=1, clicks=1)
    ignored = campaign(5, bid_cents=5_000)._replace(impressions=10_000)
    assert chosen(plain, higher, loved, lucky, ignored) == [3, 2, 1, 4, 5]
    assert chosen(plain, higher, loved, count=2) == [3, 2]


def test_no_tweet_twice_and_those_of_the_page_only_where_there_is_no_other() -> None:
    twins = [campaign(1, tweet_id=TweetId(7)), campaign(2, tweet_id=TweetId(7), bid_cents=900)]
    other = campaign(3, bid_cents=10)
    assert chosen(*twins, other) == [1, 3]
    assert chosen(*twins, other, on_page={TweetId(7)}) == [3, 1]
    assert chosen(*twins, other, on_page={TweetId(7)}, count=1) == [3]


def test_hashtags_devices_and_the_cap_say_for_whom_it_is() -> None:
    tagged, phones = campaign(1, tags=frozenset({"chess"})), campaign(2, devices=(DeviceKind.IOS,))
    assert chosen(tagged, phones) == []
    assert chosen(tagged, phones, viewer=READER._replace(liked=frozenset({"chess", "rooks"}))) == [1]
    following = READER._replace(view=Viewpoint(UserId(1), tags=frozenset({"chess"})))
    assert chosen(tagged, phones, viewer=following) == [1]
    assert chosen(tagged, phones, viewer=READER._replace(device=DeviceKind.IOS)) == [2]
    for times, expected in ((2, [3]), (3, [])):
        assert chosen(campaign(3), viewer=READER._replace(shown={CampaignId(3): times})) == expected


def test_unwanted_tweet_is_not_advertised_by_any_campaign() -> None:
    twins = [campaign(1, tweet_id=TweetId(7)), campaign(2, tweet_id=TweetId(7))]
    assert chosen(*twins, campaign(3), viewer=READER._replace(unwanted=frozenset({TweetId(7)}))) == [3]


def test_reasons_name_all_that_fits_the_viewer_or_everybody() -> None:
    plain = campaign(1)
    aimed = campaign(2, tags=frozenset({"chess", "rooks"}), devices=(DeviceKind.IOS,))
    follower = Viewpoint(UserId(1), tags=frozenset({"chess"}))
    assert targeting_reasons(plain, follower, frozenset()) == (TargetingReason.EVERYBODY,)
    assert targeting_reasons(aimed, follower, frozenset({"rooks"})) == (
        TargetingReason.DEVICE,
        TargetingReason.HASHTAG_FOLLOWED,
        TargetingReason.HASHTAG_LIKED,
    )
    assert targeting_reasons(aimed, ANONYMOUS, frozenset({"rooks"}))[1:] == (TargetingReason.HASHTAG_LIKED,)
