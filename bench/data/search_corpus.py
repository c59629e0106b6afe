"""Generates the people and tweets that the search benchmark runs on, with the words of real tweets."""

import random
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from bench.data.population import PASSWORD
from bench.data.vocabulary import Vocabulary
from core.auth.passwords import hash_password
from core.ids import TweetId, UserId, wall_ms
from core.runtime.tasks import for_each
from core.text.entities import extract_entities
from datastore.admin.indexes import make_indexes
from datastore.mongo.bulk import chunked, ids_at
from datastore.mongo.client import Document
from datastore.records.users import AccountRecord, UserRecord
from datastore.records.users import to_document as account_document
from datastore.stores import Stores
from datastore.tweets.factory import build_tweet
from datastore.tweets.factory import to_document as tweet_document

_TWEET_EVERY_MS = 500


async def store_corpus(stores: Stores, vocabulary: Vocabulary, *, people: int, tweets: int) -> dict[str, float]:
    """Stores people and tweets in an empty database. Returns the seconds of each phase."""
    took: dict[str, float] = {}
    phases: dict[str, tuple[str, Iterator[Document]]] = {
        f"{people:,} people": ("users", _accounts(vocabulary, people)),
        f"{tweets:,} tweets": ("tweets", _tweets(vocabulary, people, tweets)),
    }
    for what, (name, rows) in phases.items():
        print(f"storing {what}", flush=True)
        began, collection = perf_counter(), stores.mongo.collection(name)
        await collection.drop_indexes()  # building them over all rows afterwards is much faster
        await for_each(chunked(rows), partial(collection.insert_many, ordered=False), at_once=2)
        took[f"{what} stored"] = perf_counter() - began
    began = perf_counter()
    print("making the indexes", flush=True)
    await make_indexes(stores.mongo)
    return took | {"their indexes made": perf_counter() - began}


def _tweets(vocabulary: Vocabulary, people: int, count: int) -> Iterator[Document]:
    dice = random.Random(1)
    begin = wall_ms() - count * _TWEET_EVERY_MS
    ids = ids_at(range(begin, begin + count * _TWEET_EVERY_MS, _TWEET_EVERY_MS))
    for tweet_id, text in zip(ids, vocabulary.texts(count, dice), strict=True):
        author = UserId(dice.randrange(1, people + 1))
        yield tweet_document(
            build_tweet(TweetId(tweet_id), author, text, entities=extract_entities(text), mentioned_ids={})
        )


def _accounts(vocabulary: Vocabulary, size: int) -> Iterator[Document]:
    """Handles and names are words of tweets, so that some prefixes are very common."""
    dice, password_hash = random.Random(2), hash_password(PASSWORD)
    words = [word for word in vocabulary.words if word.isascii() and word.isalpha() and len(word) > 2]
    for number in range(1, size + 1):
        one, other = dice.choices(words, k=2)
        handle = f"{one[:8]}_{number:x}"
        user = UserRecord(UserId(number), handle, f"{one} {other}".title()[:50])
        yield account_document(AccountRecord(user, f"{handle}@example.org", password_hash))
