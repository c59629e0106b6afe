"""Prepares a database: makes its indexes, carries older entries over, and backfills fields that older rows lack."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from core.ids import EPOCH_MS, first_id_of, wall_ms
from core.text.fold import tag_key
from core.text.languages import language_of
from core.text.name_prefixes import name_words, prefixes
from core.text.terms import TERMS_VERSION
from datastore.admin.carry_over import carry_notices_over
from datastore.admin.indexes import make_indexes
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, TweetRecord, to_record
from datastore.tweets.terms import terms_of

_CHUNK: Final = 1_000
_DUPLICATE_KEY: Final = 11_000
# Ids of the last hour: a row may be written a while after its id was made, and clocks differ.
_OVERLAP: Final = first_id_of(EPOCH_MS + 3_600_000)


class _Derived(NamedTuple):
    """A field computed from others of its document; a new `version` computes it again in all documents.

    `sources` are the fields that may change. `compute` returns the field with its value; nothing for rows without it.
    """

    collection: str
    field: str
    version: int | str
    sources: Sequence[str]
    compute: Callable[[Document], Document]


async def prepare(mongo: Mongo) -> None:
    """Safe to repeat, and beside readers and writers.

    When all fields are up to date, it reads the rows since the last run alone: processes of an older release, where
    they ran beside it, wrote fields of their version.
    """
    await make_indexes(mongo)
    await carry_notices_over(mongo)
    for derived in _DERIVED:
        await _backfill(mongo, derived)


async def _backfill(mongo: Mongo, derived: _Derived) -> None:
    mark = {"_id": f"{derived.collection}.{derived.field}"}
    marks, rows = mongo.collection("derived_fields"), mongo.collection(derived.collection)
    with away_as_unavailable():
        begun = first_id_of(wall_ms())
        last: Document = await marks.find_one({**mark, "version": derived.version}) or {}
        async for page in _pages(rows, after=last.get("read_to", _OVERLAP) - _OVERLAP):
            updates = [update for row in page if (update := _update(derived, row)) is not None]
            if updates:
                await _write(rows, updates)
        await marks.update_one(mark, {"$set": {"version": derived.version, "read_to": begun}}, upsert=True)


async def _write(rows: Any, updates: Sequence[UpdateOne]) -> None:
    """A row whose new value another row of a unique index has already is a duplicate, and is deleted."""
    try:
        await rows.bulk_write(updates, ordered=False)
    except BulkWriteError as error:
        failed = (error.details or {})["writeErrors"]
        if any(each["code"] != _DUPLICATE_KEY for each in failed):
            raise
        await rows.delete_many({"_id": {"$in": [each["op"]["q"]["_id"] for each in failed]}})


async def _pages(rows: Any, after: int) -> AsyncIterator[list[Document]]:
    """Rows with ids beyond `after`, in order of their ids."""
    while True:
        page = [row async for row in rows.find({"_id": {"$gt": after}}).sort("_id", 1).limit(_CHUNK)]
        if not page:
            return
        after = page[-1]["_id"]
        yield page


def _update(derived: _Derived, row: Document) -> UpdateOne | None:
    """None where the field is right. The update matches only while the sources are as they were read."""
    computed = derived.compute(row)
    if computed.items() <= row.items():
        return None
    as_read = {name: row.get(name) for name in ("_id", *derived.sources)}
    return UpdateOne(as_read, {"$set": computed})


def _of_tweets(field: str, compute: Callable[[TweetRecord], Any]) -> Callable[[Document], Document]:
    """For the documents of tweets among those of items."""

    def computed(row: Document) -> Document:
        item = to_record(row)
        return {field: compute(item)} if isinstance(item, TweetRecord) else {}

    return computed


def _tags(tweet: TweetRecord) -> list[str]:
    return list(dict.fromkeys(tag_key(hashtag.tag) for hashtag in tweet.entities.hashtags))


def _lang(tweet: TweetRecord) -> str | None:
    return language_of(tweet.text, tweet.entities, locale=tweet.device.locale)


# Terms contain the language, and come after it.
_DERIVED: Final = (
    _Derived(COLLECTION, "tags", 1, ("edit",), _of_tweets("tags", _tags)),
    _Derived(COLLECTION, "lang", 1, ("edit",), _of_tweets("lang", _lang)),
    _Derived(COLLECTION, "terms", TERMS_VERSION, ("edit",), _of_tweets("terms", terms_of)),
    _Derived("users", "names", 2, ("name",), lambda row: {"names": prefixes(name_words(row["handle"], row["name"]))}),
    _Derived("tag_follows", "tag", 1, (), lambda row: {"tag": tag_key(row["name"])}),
    _Derived("campaigns", "tags", 1, (), lambda row: {"tags": sorted({tag_key(tag) for tag in row["hashtags"]})}),
)
