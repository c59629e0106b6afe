"""Latency of the main job: the most-followed person posts, a follower receives the event on a websocket."""

import asyncio
from dataclasses import dataclass, field
from time import perf_counter

from bench.data.network import Network, social_network
from bench.deployment.stack import Stack, running_stack
from bench.harness.client import Client, HomeSubscription, connected, sign_in
from bench.harness.figures import Figure, percentile
from core.ids import UserId
from datastore.stores import Stores, open_stores

POSTS = 200
WARM_UP = 20
GOAL_MS = 250
# Goals per second, by phase of the import.
RATES = {"tweets": 5_000, "follows": 20_000}
_PASSWORD = "correct horse battery"
_LAST_PUSH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Star:
    """The most-followed person."""

    user_id: UserId
    handle: str
    followers: list[UserId]
    one_follower: str


@dataclass(frozen=True, slots=True)
class Times:
    """Instants in seconds, by tweet id."""

    sent: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    pushed: dict[str, float] = field(default_factory=dict)

    def from_answer(self) -> list[float]:
        """Milliseconds from the answer to the push; negative where the push came first."""
        return [(self.pushed[tweet_id] - then) * 1000 for tweet_id, then in self.answered.items()]

    def from_sending(self) -> list[float]:
        return [(self.pushed[tweet_id] - then) * 1000 for tweet_id, then in self.sent.items()]


async def run() -> list[Figure]:
    with social_network() as network:
        async with running_stack() as stack:
            print(f"live_push: importing {network.title}", flush=True)
            imported = await _import(stack, network)
            print(imported, flush=True)
            async with open_stores(stack.settings) as stores:
                star = await _most_followed(stores)
                times = await _measure(stack, star)
                wrong = await _wrong_lists(stores, star)
    return [*_rates(imported), *_figures(network, star, times, wrong)]


async def _import(stack: Stack, network: Network) -> str:
    files = ("--graph", str(network.graph), "--undirected", "--tweets", str(network.tweets))
    return await stack.run("-m", "datastore", "import", *files, "--password", _PASSWORD)


async def _most_followed(stores: Stores) -> Star:
    people = [user_id async for page in stores.users.accounts.id_pages(1_000) for user_id in page]
    counts = await stores.users.counts.get_many(people)
    star = max(zip(counts, people, strict=True), key=lambda entry: entry[0].followers)[1]
    followers = [user_id async for page in stores.users.follows.follower_pages(star, 1_000) for user_id in page]
    known, follower = await stores.users.accounts.get_many([star, followers[len(followers) // 2]])
    assert known is not None
    assert follower is not None
    return Star(known.id, known.handle, followers, follower.handle)


async def _measure(stack: Stack, star: Star) -> Times:
    async with connected(stack.url) as http:
        author = await sign_in(http, star.handle, _PASSWORD)
        follower = await sign_in(http, star.one_follower, _PASSWORD)
        state, head = await follower.head()
        assert state == "READY", state
        async with follower.subscribe_home(head) as watcher:
            await _post(author, watcher, WARM_UP)
            return await _post(author, watcher, POSTS)


async def _post(author: Client, watcher: HomeSubscription, posts: int) -> Times:
    """Posts one after another, each when the one before has been pushed, so that no queue adds to the latency."""
    times = Times()
    arrived = asyncio.Event()

    async def watch() -> None:
        for _ in range(posts):
            tweet_id = await watcher.added()
            times.pushed[tweet_id] = perf_counter()
            arrived.set()

    watching = asyncio.create_task(watch())
    for number in range(posts):
        sent = perf_counter()
        tweet_id = await author.post(f"Rook number {number} of {posts} has landed. #rooks")
        times.answered[tweet_id] = perf_counter()
        times.sent[tweet_id] = sent
        while tweet_id not in times.pushed:
            arrived.clear()
            await arrived.wait()
    async with asyncio.timeout(_LAST_PUSH_SECONDS):
        await watching
    return times


async def _wrong_lists(stores: Stores, star: Star) -> int:
    """The number of followers whose list misses, repeats or misplaces one of the tweets at the end."""
    async with asyncio.timeout(_LAST_PUSH_SECONDS):
        while True:
            if not await stores.jobs.outbox.unfinished(older_than_ms=0, limit=1):
                break
            await asyncio.sleep(0.05)
    tweets = await stores.tweets.items.by_author(star.user_id, None, WARM_UP + POSTS, with_replies=True)
    newest_first = [int(tweet.id) for tweet in tweets]
    wanted = set(newest_first)
    lists = [await stores.timelines.home.ids(follower) for follower in star.followers]
    return sum([item_id for item_id in found if item_id in wanted] != newest_first for found in lists)


def _rates(imported: str) -> list[Figure]:
    """Rates parsed from the output of the import."""
    rates = {line.split()[0]: line.split()[-3] for line in imported.splitlines()}
    return [
        Figure("import", f"{phase} into MongoDB", f"{rates[phase]}/s", f">= {goal:,}/s")
        for phase, goal in RATES.items()
    ]


def _figures(network: Network, star: Star, times: Times, wrong: int) -> list[Figure]:
    from_answer, from_sending = times.from_answer(), times.from_sending()
    early = sum(ms <= 0 for ms in from_answer)
    who = f"{len(star.followers)} followers, {network.title}"
    return [
        Figure("live_push", f"answer to push, p50 ({who})", _ms(percentile(from_answer, 50))),
        Figure("live_push", "answer to push, p99", _ms(percentile(from_answer, 99)), f"< {GOAL_MS} ms"),
        Figure("live_push", "sending to push, p50", _ms(percentile(from_sending, 50))),
        Figure("live_push", "sending to push, p99", _ms(percentile(from_sending, 99))),
        Figure("live_push", "pushes that came before the answer", f"{early} of {len(from_answer)}"),
        Figure(
            "live_push",
            f"followers' lists that lack one of {len(from_answer)} tweets or hold one twice",
            str(wrong),
            "0",
        ),
    ]


def _ms(value: float) -> str:
    return f"{value:.1f} ms"
