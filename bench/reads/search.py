"""Search in a million tweets and a million people, beside MongoDB's text index on the same tweets.

Queries are one word, two common words that rarely occur together, and prefixes of names.
ROOKERY_BENCH_SEARCH sets another number than a million.
"""

import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import combinations
from statistics import median
from time import perf_counter

import pymongo

from bench.data.search_corpus import store_corpus
from bench.data.vocabulary import Vocabulary, real_vocabulary
from bench.deployment.stack import running_stores
from bench.harness.figures import Figure, percentile
from bench.reads.page_costs import acting_as
from core.ids import TweetId, UserId
from core.text.entities import extract_entities
from core.text.terms import tokens
from datastore.records.users import UserRecord
from datastore.stores import Stores, open_stores
from datastore.tweets.factory import build_tweet
from datastore.tweets.factory import to_document as tweet_document
from datastore.tweets.search import TERMS_INDEX
from datastore.users.name_index import NAMES_INDEX
from resolvers.graph.user_search import search_people
from resolvers.search.tweets import latest_tweets, resolve_query
from resolvers.services import Services, open_services

SIZE = int(os.environ.get("ROOKERY_BENCH_SEARCH") or 1_000_000)
FIRST = 20
WORDS = 100
PAIRS = 40
TIMES = 5
TEXT_TIMES = 15
POSTS = 300
TYPED = 400
FOLLOWEES = 300
GOAL_MS = 20
GOAL_RATIO = 20
GOAL_POST_MS = 1
GOAL_PEOPLE_MS = 10
_TEXT_INDEX = "text"
# The packaged server's default of 256 MB is less than the size of the indexes; both ways of searching profit.
_MEMORY = {"setParameter": 1, "wiredTigerEngineRuntimeConfig": "cache_size=2G"}
_STORE_SECONDS = 900.0
# Shares of all tweets: of common words, and of words for which $text has to collect many tweets or few.
_COMMON = (0.01, 0.05)
_FREQUENT, _RARE = 0.005, 0.0005
_RANKED = 3_000


async def run() -> list[Figure]:
    vocabulary = real_vocabulary()
    if vocabulary is None:
        return [Figure("search", "skipped: there is no tweets-2009.csv in the folder of real data", "-")]
    async with running_stores() as chosen, open_stores(chosen) as stores, open_services(stores, chosen) as services:
        with pymongo.timeout(_STORE_SECONDS):
            await stores.mongo.database.client.admin.command(_MEMORY)
            loading = await store_corpus(stores, vocabulary, people=SIZE, tweets=SIZE)
            ranked = await _ranked(stores, vocabulary)
            words, pairs = _asked(ranked)
            people = await _search_people(services)
            post_ms, terms_ms = await _post_cost(stores, vocabulary)
            ours = [await _ours(services, some) for some in (words, pairs)]
            loading["the text index made"] = await _make_text_index(stores)
            sizes = await _sizes(stores)
            frequent = [word for word, count in ranked if count >= _FREQUENT * SIZE]
            rare = [word for word, count in ranked if count < _RARE * SIZE]
            text = [await _through_text(services, some) for some in (frequent, pairs, rare)]
    return [
        *(Figure("search", what, f"{seconds:.0f} s") for what, seconds in loading.items()),
        *_figures(f"one of {len(words)} words of all frequencies", ours[0]),
        *_figures(f"two common words that seldom meet, {len(pairs)} pairs", ours[1]),
        _against(f"one word of {_FREQUENT:.1%} of tweets or more", *text[0], f">= {GOAL_RATIO}"),
        _against("those pairs", *text[1], f">= {GOAL_RATIO}"),
        _against(f"one word of less than {_RARE:.2%}", *text[2]),
        *(Figure("search", f"size of index {name}", f"{size / 1e6:.0f} MB") for name, size in sizes.items()),
        *_write_figures(post_ms, terms_ms),
        *_people_figures(people),
    ]


def _write_figures(post_ms: float, terms_ms: float) -> list[Figure]:
    what = f"a post with terms, p50 of {POSTS}, more than without"
    return [
        Figure("search", what, f"{post_ms:.2f} ms", f"<= {GOAL_POST_MS} ms"),
        Figure("search", "  its terms made", f"{terms_ms:.3f} ms"),
    ]


def _people_figures(times: list[float]) -> list[Figure]:
    return [
        Figure("search", f"searchUsers among {SIZE:,}, one to ten letters, p50", f"{percentile(times, 50):.1f} ms"),
        Figure("search", "  p99", f"{percentile(times, 99):.1f} ms", f"< {GOAL_PEOPLE_MS} ms"),
    ]


def _figures(what: str, times: list[float]) -> list[Figure]:
    return [
        Figure("search", f"LATEST of {SIZE:,} tweets, {what}, p50", f"{percentile(times, 50):.1f} ms"),
        Figure("search", "  p99", f"{percentile(times, 99):.1f} ms", f"< {GOAL_MS} ms"),
    ]


def _against(what: str, text: list[float], ours: list[float], goal: str = "") -> Figure:
    ratio = median(text) / median(ours)
    measured = f"{median(text):.0f} ms, ours {median(ours):.1f} ms"
    return Figure("search", f"through $text, {what}, p50 of {len(text)}", measured, goal, f"{ratio:.1f}")


async def _ranked(stores: Stores, vocabulary: Vocabulary) -> list[tuple[str, int]]:
    """Words and the number of tweets that have them, the most frequent first."""
    sample = Counter(word for word in vocabulary.words if word.isascii() and word.isalpha())
    written = {"".join(tokens(word)): word for word, _ in sample.most_common(_RANKED)}
    tweets = stores.mongo.collection("tweets")
    counts = {word: await tweets.count_documents({"terms": term}, hint=TERMS_INDEX) for term, word in written.items()}
    return sorted(((word, count) for word, count in counts.items() if count), key=lambda pair: -pair[1])


def _asked(ranked: Sequence[tuple[str, int]]) -> tuple[list[str], list[str]]:
    """Words over all frequencies, and pairs of common words that should rarely occur together."""
    places = sorted({round(len(ranked) ** (step / (WORDS - 1))) - 1 for step in range(WORDS)})
    dice = random.Random(3)
    words = [ranked[place][0] for place in places]
    dice.shuffle(words)
    common = [(word, count) for word, count in ranked if _COMMON[0] * SIZE <= count <= _COMMON[1] * SIZE]
    pairs = [(one[1] * other[1], f"{one[0]} {other[0]}") for one, other in combinations(common, 2)]
    seldom = [pair for _, pair in sorted(pairs)[: 10 * PAIRS]]
    return words, dice.sample(seldom, min(PAIRS, len(seldom)))


async def _ours(services: Services, asked: Sequence[str]) -> list[float]:
    return [await _timed(_search, services, typed) for _ in range(TIMES) for typed in asked]


async def _search(services: Services, typed: str) -> None:
    await latest_tweets(services, None, await resolve_query(services.stores.users, None, typed), FIRST, None)


async def _through_text(services: Services, asked: Sequence[str]) -> tuple[list[float], list[float]]:
    """Times through $text and ours, in turn, of queries that $text answers, since it ignores stop words."""
    text, ours = list[float](), list[float]()
    for typed in random.Random(6).sample(asked, len(asked)):
        found: list[int] = []
        ms = await _timed(_look_up, services.stores, typed, found)
        if found:
            text.append(ms)
            ours.append(await _timed(_search, services, typed))
        if len(text) == TEXT_TIMES:
            break
    return text, ours


async def _look_up(stores: Stores, typed: str, found: list[int]) -> None:
    """Quotes make $text require every word."""
    wanted = typed if " " not in typed else " ".join(f'"{word}"' for word in typed.split())
    rows = stores.mongo.collection("tweets").find({"$text": {"$search": wanted}}, {"terms": 0})
    found += [row["_id"] async for row in rows.sort("_id", -1).limit(FIRST)]


async def _timed(act: Callable[..., Awaitable[object]], *arguments: object) -> float:
    began = perf_counter()
    await act(*arguments)
    return (perf_counter() - began) * 1000


async def _make_text_index(stores: Stores) -> float:
    """Seconds that it took."""
    print("search: making the text index", flush=True)
    began = perf_counter()
    await stores.mongo.collection("tweets").create_index([("text", "text")], name=_TEXT_INDEX)
    return perf_counter() - began


async def _sizes(stores: Stores) -> dict[str, int]:
    """Bytes of the indexes that searches use, and of the text index."""
    sizes: dict[str, int] = {}
    for name in ("tweets", "users"):
        sizes |= (await stores.mongo.database.command("collStats", name))["indexSizes"]
    return {name: sizes[name] for name in (TERMS_INDEX, NAMES_INDEX, _TEXT_INDEX) if name in sizes}


async def _post_cost(stores: Stores, vocabulary: Vocabulary) -> tuple[float, float]:
    """Milliseconds that terms add to an insertion, and those to make them; measured with and without, in turn."""
    tweets = stores.mongo.collection("tweets")
    took: dict[bool, list[float]] = {True: [], False: []}
    making: list[float] = []
    for text in vocabulary.texts(POSTS, random.Random(4)):
        tweet = build_tweet(TweetId(0), UserId(1), text, entities=extract_entities(text), mentioned_ids={})
        began = perf_counter()
        row = tweet_document(tweet)
        made = perf_counter() - began
        bare = {name: value for name, value in row.items() if name != "terms"}
        for has_terms, document in ((True, row), (False, bare)):
            document["_id"] = stores.ids()
            ms = await _timed(tweets.insert_one, document)
            took[has_terms].append(ms + (made * 1000 if has_terms else 0))
        making.append(made * 1000)
    return median(took[True]) - median(took[False]), median(making)


async def _search_people(services: Services) -> list[float]:
    """A viewer with followees searches for prefixes of handles and names, and for a name and a letter."""
    dice, stores = random.Random(5), services.stores
    viewer = UserId(SIZE)
    followees = dice.sample(range(1, SIZE), FOLLOWEES)
    rows = [{"_id": number, "follower": viewer, "followee": number} for number in followees]
    await stores.mongo.collection("follows").insert_many(rows)
    people = await stores.users.accounts.get_many([UserId(dice.randrange(1, SIZE)) for _ in range(TYPED)])
    typed = [_typed(dice, person) for person in people if person is not None]
    identity = acting_as(viewer)
    await search_people(services.stores.users, identity, "a", FIRST, None)
    return [await _timed(search_people, services.stores.users, identity, one, FIRST, None) for one in typed]


def _typed(dice: random.Random, person: UserRecord) -> str:
    first, last = person.name.split()
    if dice.random() < 0.2:
        return f"{first} {last[:1]}"
    return dice.choice((person.handle, first, last))[: dice.randint(1, 10)]
