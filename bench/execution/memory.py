"""Memory of the API and of a worker: after many operations of each kind, and after many more of all."""

import os
from collections.abc import Callable, Iterator
from itertools import count, islice

from bench.comparisons.mixed import Requests
from bench.data.peer_dataset import PeerDataset, store_dataset
from bench.deployment.stack import running_api, running_stores, running_workers
from bench.harness.cpu import children, resident_mb
from bench.harness.figures import Figure
from bench.harness.load import post_request, put_load
from core.settings import Switch
from datastore.stores import open_stores
from schema.values.nodes import NodeType, global_id

EACH = int(os.environ.get("ROOKERY_BENCH_EACH", "10000"))
MORE = 5 * EACH
GOAL_GROWTH_MB, GOAL_MB = 10, 120
_LONGEST_SECONDS = 600.0
_SEARCH = """query Search($words: String!) { searchTweets(query: $words, first: 20) {
  edges { node { id text likeCount viewerHasLiked author { handle name } } } } }"""
_LIKE = "mutation Like($id: ID!) { %s(tweetId: $id) { tweet { id likeCount } userErrors { message } } }"
_NEW = '{ user(handle: "%s") { number%d: name bio tweets(first: 5) { edges { node { ... on Tweet { text } } } } } }'


async def run() -> list[Figure]:
    async with running_stores(Switch.OFF) as settings:
        async with open_stores(settings) as stores:
            operations = _Operations(await store_dataset(stores, settings))
        before = children()
        async with running_workers(settings):
            workers = children() - before
            async with running_api(settings) as url:
                api, port = children() - before - workers, int(url.rpartition(":")[2])
                for name, kind in operations.kinds.items():
                    await _send(port, kind(), EACH)
                    print(
                        f"memory: {name}: API {resident_mb(api):.0f} MB, workers {resident_mb(workers):.0f} MB",
                        flush=True,
                    )
                first = resident_mb(api), resident_mb(workers)
                for kind in operations.kinds.values():
                    await _send(port, kind(), MORE // len(operations.kinds))
                last = resident_mb(api), resident_mb(workers)
    return [
        figure
        for part, early, late in zip(("API", "workers"), first, last, strict=True)
        for figure in _figures(part, early, late)
    ]


class _Operations:
    """Endless requests of each kind; what is new in them never comes twice."""

    def __init__(self, dataset: PeerDataset) -> None:
        self._requests, self._dataset, self._numbers = Requests(dataset), dataset, count()
        self.kinds: dict[str, Callable[[], Iterator[bytes]]] = {
            "pages": lambda: self._of(lambda number: self._requests.pages[number % len(self._requests.pages)]),
            "user timelines": lambda: self._of(
                lambda number: self._requests.profiles[number % len(self._requests.profiles)]
            ),
            "searches for new words": lambda: self._of(
                lambda number: self._ask(number, _SEARCH, words=f"word{number} nest{number}")
            ),
            "new documents": lambda: self._of(lambda number: self._ask(number, _NEW % (self._handle(number), number))),
            "likes and their undoing": lambda: self._of(self._like),
            "posts": lambda: self._of(lambda number: self._requests.post(number, number % len(dataset.tokens))),
        }

    def _of(self, make: Callable[[int], bytes]) -> Iterator[bytes]:
        return map(make, self._numbers)

    def _like(self, number: int) -> bytes:
        tweets = self._dataset.people.timeline(number // 2 % len(self._dataset.tokens))
        tweet_id = global_id(NodeType.TWEET, tweets[number // 2 % len(tweets)])
        return self._ask(number // 2, _LIKE % ("unlike" if number % 2 else "like"), id=tweet_id)

    def _handle(self, number: int) -> str:
        return self._dataset.people.handle(number % len(self._dataset.people.ids))

    def _ask(self, number: int, query: str, **variables: str) -> bytes:
        head = {"authorization": f"Bearer {self._dataset.tokens[number % len(self._dataset.tokens)]}"}
        return post_request("/graphql", {"query": query, "variables": variables}, head)


async def _send(port: int, requests: Iterator[bytes], number: int) -> None:
    load = await put_load(port, islice(requests, number), seconds=_LONGEST_SECONDS)
    if load.wrong or len(load.ms) != number:
        raise RuntimeError(f"{load.wrong} of {len(load.ms)} answers are wrong, {number} were asked for")


def _figures(part: str, early: float, late: float) -> Iterator[Figure]:
    title = f"{part}: after {EACH:,} operations of each kind, and {MORE:,} more"
    growth = f"<= {GOAL_GROWTH_MB} MB more"
    yield Figure("memory", title, f"{early:.0f} MB, {late:.0f} MB", growth, f"{late - early:+.1f} MB")
    yield Figure("memory", f"{part}: in all", f"{late:.0f} MB", f"<= {GOAL_MB} MB")
