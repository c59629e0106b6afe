"""A suspension and its end: until nothing of the person is seen, until all follows from it, and its processor time."""

import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bench.harness.figures import Figure
from bench.harness.waiting import until
from core.auth.tokens import utc_now
from core.ids import CampaignId, TweetId, UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from core.settings import Settings
from datastore.admin.indexes import make_indexes
from datastore.ads.campaigns import MILLICENTS, CampaignRecord
from datastore.embedded.stores import StoreUrls, embedded_stores
from datastore.invalidation import forget_rows
from datastore.jobs.jobs import ApplyDecision
from datastore.moderation.decisions import DecisionJob, Revocation
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.mongo.bulk import chunked, insert_new
from datastore.records.items import TweetRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores, open_stores
from datastore.tweets.factory import to_document
from resolvers.auction.inventory import AdInventory, open_ad_inventory
from workers.moderation import people
from workers.moderation.people import apply_to_person

TWEETS, ADVERTISED = 1_000, 5
CROWDS = (("as the most followed of the real graph", 313, "<= 20 ms"), ("a crowd", 10_000, ""))


async def run() -> list[Figure]:
    figures: list[Figure] = []
    async with embedded_stores(None) as urls, _opened(urls) as stores:
        await make_indexes(stores.mongo)
        for who, followers, goal in CROWDS:
            person = await _somebody(stores, f"loud{followers}", followers)
            title = f"{TWEETS:,} tweets and likes, {followers:,} followers, {who}"
            figures += await _measured(stores, person, title, goal)
        figures.append(await _advertisements(stores, await _somebody(stores, "shop", 0)))
    return figures


def _opened(urls: StoreUrls) -> AbstractAsyncContextManager[Stores]:
    return open_stores(Settings(mongo_url=urls.mongo, redis_url=urls.redis))


async def _measured(stores: Stores, person: UserId, title: str, goal: str) -> list[Figure]:
    decision, suspended = await _suspend(stores, person)
    figures = await _applied(stores, decision, suspended, f"{title}: suspended", goal)
    revoked = await _revoke(stores, decision)
    return figures + await _applied(stores, decision, revoked, "  and back", goal)


async def _suspend(stores: Stores, person: UserId) -> tuple[DecisionRecord, ApplyDecision]:
    subject = Subject(SubjectKind.PERSON, person)
    decision = DecisionRecord(stores.ids(), subject, person, ModerationAction.SUSPEND, ReportReason.SPAM)
    jobs = await stores.moderation.decisions.insert(decision, _line(stores, person), version=None, mail=None)
    return decision, _application(jobs)


async def _revoke(stores: Stores, decision: DecisionRecord) -> ApplyDecision:
    revocation = Revocation(stores.ids(), _line(stores, decision.person_id))
    job = await stores.moderation.decisions.revoke(decision.id, revocation)
    return _application([] if job is None else [job])


def _line(stores: Stores, person: UserId) -> LogLine:
    return LogLine(stores.ids(), None, "SUSPEND", (str(SubjectKind.PERSON), person))


async def _applied(stores: Stores, decision: DecisionRecord, job: ApplyDecision, title: str, goal: str) -> list[Figure]:
    """Without the second that the worker waits for acts that are under way."""
    began, cpu = time.perf_counter(), time.process_time()
    await forget_rows(stores, job)
    hidden = time.perf_counter() - began
    await apply_to_person(stores, job, decision)
    seconds = time.perf_counter() - began - people.UNDER_WAY_SECONDS
    each = (time.process_time() - cpu) * 1000 / (TWEETS / 100)
    return [
        Figure("suspensions", f"{title}, no answer has a tweet after", f"{hidden * 1000:.1f} ms", "< 2000 ms"),
        Figure("suspensions", "  streams, viewpoints and counts follow after", f"{seconds:.2f} s", "< 2 s"),
        Figure("suspensions", "  processor time of the worker for each 100 tweets", f"{each:.1f} ms", goal),
    ]


async def _advertisements(stores: Stores, person: UserId) -> Figure:
    """Each decision comes just after a process has read the campaigns, so that it takes longest to follow."""
    await stores.ads.campaigns.insert(await _campaign(stores, person))
    gone = list[float]()
    async with open_ad_inventory(stores, 1) as inventory:
        for _ in range(ADVERTISED):
            await _until_shown(inventory, is_shown=True)
            await _until_refreshed(inventory)
            began = time.perf_counter()
            decision, job = await _suspend(stores, person)
            await forget_rows(stores, job)
            await _until_shown(inventory, is_shown=False)
            gone.append(time.perf_counter() - began)
            await forget_rows(stores, await _revoke(stores, decision))
    what = f"no advertisement of theirs after, slowest of {ADVERTISED}"
    return Figure("suspensions", what, f"{max(gone) * 1000:.0f} ms", "< 2000 ms")


async def _campaign(stores: Stores, person: UserId) -> CampaignRecord:
    now, tweet = utc_now(), _tweet(TweetId(stores.ids()), person)
    await stores.tweets.items.insert(tweet)
    return CampaignRecord(
        id=CampaignId(stores.ids()),
        advertiser_id=person,
        tweet_id=tweet.id,
        bid_cents=100,
        budget_cents=1_000_000,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=1),
        hashtags=(),
        tags=frozenset(),
        devices=(),
        frequency_cap=100,
        is_paused=False,
        left=1_000_000 * MILLICENTS,
    )


async def _until_shown(inventory: AdInventory, *, is_shown: bool) -> None:
    async def is_so() -> bool:
        return any(not candidate.author.is_suspended for candidate in inventory.current) is is_shown

    await until(is_so)


async def _until_refreshed(inventory: AdInventory) -> None:
    before = inventory.current

    async def is_refreshed() -> bool:
        return inventory.current is not before

    await until(is_refreshed)


def _application(jobs: Sequence[DecisionJob]) -> ApplyDecision:
    return next(job for job in jobs if isinstance(job, ApplyDecision))


async def _somebody(stores: Stores, handle: str, followers: int) -> UserId:
    """Follows nobody; each like is of another tweet."""
    person, other = UserId(stores.ids()), UserId(stores.ids())
    user = UserRecord(person, handle, handle)
    await stores.users.accounts.insert(AccountRecord(user, f"{handle}@made-up.invalid", "none"))
    theirs, liked = [[_tweet(TweetId(stores.ids()), author) for _ in range(TWEETS)] for author in (person, other)]
    fans = [{"_id": stores.ids(), "follower": stores.ids(), "followee": person} for _ in range(followers)]
    likes = [{"_id": stores.ids(), "user": person, "target": tweet.id} for tweet in liked]
    rows = {"tweets": [to_document(tweet) for tweet in (*theirs, *liked)], "follows": fans, "likes": likes}
    for collection, some_rows in rows.items():
        for some in chunked(some_rows, 5_000):
            await insert_new(stores.mongo.collection(collection), some)
    return person


def _tweet(tweet_id: TweetId, author: UserId) -> TweetRecord:
    return TweetRecord(tweet_id, author, "A rook has landed", tweet_id)
