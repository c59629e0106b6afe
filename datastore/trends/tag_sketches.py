"""HyperLogLog sketches of accounts and tweets by hour, for hashtags with too many tweets a day to read one by one.

Filled from the tweets: what is read twice counts once, and what Redis loses is read again. Keys of one hashtag share a
slot. Each sketch is kept twice with different salts: the mean has an error of 0.6 %, one alone of 0.8 %.

A sketch takes in tweets that gain the hashtag by an edit, and can't forget those that lose it. They are remembered, and
once they are more than MOST_LOST of the day's accounts, the sketch is counted anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from redis.asyncio import Redis

from core.ids import TweetId, UserId, first_id_of, ms_of
from core.trends.scoring import HOUR_MS, HourlyCounts, Use
from datastore.moderation.tweets import removed_among
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION
from datastore.redis import trend_keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import Command
from datastore.users.voices import Voices

SKETCH_HOURS: Final = 25
MAX_SKETCHED_TAGS: Final = 50
"""Hashtags sketched at a time; each takes a megabyte at most."""
_SALTS: Final = ("a", "b")
_ACCOUNTS, _TWEETS = "accounts", "tweets"
_KINDS: Final = (_ACCOUNTS, _TWEETS)
_TTL_MS: Final = (SKETCH_HOURS + 1) * HOUR_MS
# A tweet may be stored so long after its id was made.
_OVERLAP_MS: Final = 10_000
_READ_AT_ONCE, _READS = 5_000, 20
_MOST_WRONG = 1_000
MOST_LOST: Final = 0.005
"""Share of the day's accounts by which a sketch may be too high."""


class TagSketchStore:
    def __init__(self, mongo: Mongo, redis: Redis, voices: Voices) -> None:
        self._mongo, self._redis, self._voices = mongo, redis, voices
        self._tweets = mongo.collection(COLLECTION)

    async def admit(self, tags: Sequence[str], now_ms: int) -> list[str]:
        """Admits and returns the first 50 of `tags`; drops sketches of tags admitted longest ago, and wrong ones."""
        admitted = list(tags[:MAX_SKETCHED_TAGS])
        if not admitted:
            return []
        scores = [word for tag in admitted for word in (now_ms, tag)]
        over_limit = ("ZRANGE", trend_keys.sketched_tags(), 0, -1 - MAX_SKETCHED_TAGS)
        with failures_as_unavailable():
            (wrong,) = await send_all(self._redis, [("SPOP", trend_keys.miscounted_tags(), _MOST_WRONG)])
            for tag in wrong:
                await self._drop(tag.decode(), now_ms)
            _, dropped = await send_all(self._redis, [("ZADD", trend_keys.sketched_tags(), *scores), over_limit])
            for tag in dropped:
                await self._drop(tag.decode(), now_ms)
        return admitted

    async def miscounted(self, tags: Sequence[str]) -> None:
        """Tweets with these hashtags were removed, or restored: a sketch can't forget one, and is counted anew."""
        if tags:
            commands = [
                ("SADD", trend_keys.miscounted_tags(), *tags),
                ("PEXPIRE", trend_keys.miscounted_tags(), _TTL_MS),
            ]
            with failures_as_unavailable():
                await send_all(self._redis, commands)

    async def changed(
        self, tweet_id: TweetId, author: UserId, *, gained: Sequence[str] = (), lost: Sequence[str] = ()
    ) -> None:
        """Call after an edit brought the tweet hashtags, or it lost some. Idempotent, in the order of the edits."""
        asked = [*gained, *lost]
        if not asked:
            return
        with failures_as_unavailable():
            scores = await send_all(self._redis, [("ZSCORE", trend_keys.sketched_tags(), tag) for tag in asked])
        sketched = {tag for tag, score in zip(asked, scores, strict=True) if score is not None}
        for tag in sketched.intersection(gained):
            await self._add(tag, [(tweet_id, author)])
        commands: list[Command] = [
            ("SREM", trend_keys.tag_sketch_lost(tag), tweet_id) for tag in sketched.intersection(gained)
        ]
        for tag in sketched.intersection(lost):
            key = trend_keys.tag_sketch_lost(tag)
            commands += [("SADD", key, tweet_id), ("PEXPIRE", key, _TTL_MS)]
        with failures_as_unavailable():
            await send_all(self._redis, commands)

    async def catch_up(self, tag: str, now_ms: int) -> bool:
        """Adds uses not yet counted, up to a hundred thousand. False if there are more."""
        with failures_as_unavailable():
            known, lost = await send_all(
                self._redis, [("GET", trend_keys.tag_sketch_position(tag)), ("SCARD", trend_keys.tag_sketch_lost(tag))]
            )
            if lost and lost > MOST_LOST * (await self._count(tag, _ACCOUNTS, [_hours(now_ms)]))[0]:
                await send_all(self._redis, [("UNLINK", *_keys_of(tag, now_ms))])
                known = None
        last_id = max(int(known or 0), first_id_of(_hours(now_ms)[0] * HOUR_MS))
        for _ in range(_READS):
            query: Document = {"tags": tag, "_id": {"$gte": last_id}}
            with away_as_unavailable():
                removed = await removed_among(self._mongo, query)
                found = self._tweets.find(query, {"author": 1}).sort("_id", 1)
                uses = [(row["_id"], row["author"]) async for row in found.limit(_READ_AT_ONCE)]
            counted = [use for use in uses if use[0] not in removed]
            if len(uses) < _READ_AT_ONCE:
                await self._add(tag, counted, read_up_to=first_id_of(now_ms - _OVERLAP_MS))
                return True
            last_id = uses[-1][0]
            await self._add(tag, counted, read_up_to=last_id)
        return False

    async def of_tag(self, tag: str, now_ms: int) -> HourlyCounts:
        hours = _hours(now_ms)
        each = [[hour] for hour in hours]
        accounts = await self._count(tag, _ACCOUNTS, [*each, hours[1:], hours])
        return HourlyCounts(tuple(accounts[:-2]), tuple(await self._count(tag, _TWEETS, each)), *accounts[-2:])

    async def _add(self, tag: str, uses: Sequence[tuple[int, int]], *, read_up_to: int | None = None) -> None:
        members = defaultdict[str, set[str]](set)
        voices = await self._voices.of_uses([Use(ms_of(tweet_id), author) for tweet_id, author in uses])
        for (tweet_id, _), voice in zip(uses, voices, strict=True):
            counted = () if voice is None else ((_ACCOUNTS, voice), (_TWEETS, tweet_id))
            for kind, member in counted:
                for salt in _SALTS:
                    members[trend_keys.tag_sketch(tag, kind, salt, ms_of(tweet_id) // HOUR_MS)].add(f"{salt}{member}")
        commands: list[Command] = []
        for key, some in members.items():
            commands += [("PFADD", key, *some), ("PEXPIRE", key, _TTL_MS)]
        if read_up_to is not None:
            commands.append(("SET", trend_keys.tag_sketch_position(tag), read_up_to, "PX", _TTL_MS))
        with failures_as_unavailable():
            await send_all(self._redis, commands)

    async def _drop(self, tag: str, now_ms: int) -> None:
        await send_all(self._redis, [("UNLINK", *_keys_of(tag, now_ms)), ("ZREM", trend_keys.sketched_tags(), tag)])

    async def _count(self, tag: str, kind: str, unions: Sequence[Sequence[int]]) -> list[float]:
        """Estimated number for each union of hours."""
        asked = [
            ("PFCOUNT", *[trend_keys.tag_sketch(tag, kind, salt, hour) for hour in hours])
            for hours in unions
            for salt in _SALTS
        ]
        with failures_as_unavailable():
            counts = await send_all(self._redis, asked)
        return [sum(counts[at : at + len(_SALTS)]) / len(_SALTS) for at in range(0, len(counts), len(_SALTS))]


def _hours(now_ms: int) -> range:
    """The hours that are counted, the current one last."""
    return range(now_ms // HOUR_MS - SKETCH_HOURS + 1, now_ms // HOUR_MS + 1)


def _keys_of(tag: str, now_ms: int) -> list[str]:
    """All keys of a hashtag, also those of the hour before, which may not have expired."""
    hours = [_hours(now_ms)[0] - 1, *_hours(now_ms)]
    sketches = [trend_keys.tag_sketch(tag, kind, salt, hour) for kind in _KINDS for salt in _SALTS for hour in hours]
    return [trend_keys.tag_sketch_position(tag), trend_keys.tag_sketch_lost(tag), *sketches]
