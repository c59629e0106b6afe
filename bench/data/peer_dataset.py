"""The data set that Rookery and its peers serve: the same people, tweets and likes, in the format of each server."""

import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
from redis.asyncio import Redis

from bench.data.population import Plan, Population, store_population
from core.auth.tokens import AccessTokens
from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, TweetId, UserId, time_of
from core.settings import Settings, signing_keys
from datastore.admin.indexes import make_indexes
from datastore.mongo.bulk import chunked, insert_new
from datastore.mongo.client import Document
from datastore.records.items import TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.redis.client import send_all
from datastore.stores import Stores
from schema.values.scalars import write_instant

VIEWERS, AUTHORS = 100, 200
TWEETS_EACH, FOLLOWED, FRIENDS = 17, 47, 10
"""A viewer's list holds 47 x 17 = 799 ids, and the mark of its end."""
LIKED_EVERY = 5
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PeerDataset:
    """The first people are viewers, the others authors. `tokens` has an access token for each viewer."""

    people: Population
    tokens: list[str]

    @property
    def viewers(self) -> list[UserId]:
        return self.people.ids[:VIEWERS]

    def liked(self, viewer: int) -> list[TweetId]:
        return self.people.timeline(viewer)[::LIKED_EVERY]


@dataclass(frozen=True, slots=True)
class TweetRow:
    tweet: TweetRecord
    counts: TweetCounts

    def as_json(self) -> dict[str, object]:
        return {
            "id": str(self.tweet.id),
            "text": self.tweet.text,
            "createdAt": write_instant(time_of(self.tweet.id)),
            "likeCount": self.counts.likes,
            "retweetCount": self.counts.retweets,
            "replyCount": self.counts.replies,
            "authorId": str(self.tweet.author_id),
        }


async def store_dataset(stores: Stores, settings: Settings) -> PeerDataset:
    """Stores the data set for Rookery in empty stores."""
    people = await store_population(stores, _plan(), lists_of=range(VIEWERS))
    await _set_avatars_and_counts(stores)
    dataset = PeerDataset(people, await tokens_of(stores, settings, people.ids[:VIEWERS]))
    for likes in chunked(_likes(stores, dataset), _AT_ONCE):
        await insert_new(stores.mongo.collection("likes"), likes)
    await make_indexes(stores.mongo)
    return dataset


def _plan() -> Plan:
    """Each viewer follows some authors, and some viewers, who have not posted."""
    dice = random.Random(8)
    authors = range(VIEWERS, VIEWERS + AUTHORS)
    followees: list[Sequence[int]] = [
        [*dice.sample(authors, FOLLOWED), *((viewer + step) % VIEWERS for step in range(1, FRIENDS + 1))]
        for viewer in range(VIEWERS)
    ]
    return Plan([*followees, *([] for _ in authors)], [author for _ in range(TWEETS_EACH) for author in authors])


async def _set_avatars_and_counts(stores: Stores) -> None:
    """Derives avatars of people and counts of tweets from their ids."""
    picture = {"$concat": ["https://pictures.made-up.invalid/", {"$toString": "$_id"}, "/400x400.jpg"]}
    person = {"avatar_url": picture, "avatar": picture, "is_verified": {"$eq": [{"$mod": ["$_id", 7]}, 0]}}
    counts = {"likes": 9_973, "retweets": 997, "replies": 97}
    tweet = {f"counts.{name}": {"$toInt": {"$mod": ["$_id", below]}} for name, below in counts.items()}
    await stores.mongo.collection("users").update_many({}, [{"$set": person}])
    await stores.mongo.collection("tweets").update_many({}, [{"$set": tweet}])


async def tokens_of(stores: Stores, settings: Settings, viewers: Iterable[UserId]) -> list[str]:
    issuer, tokens = AccessTokens(signing_keys(settings)), []
    for viewer in viewers:
        session = SessionId(stores.ids())
        await stores.users.sessions.insert(session, viewer, UNKNOWN_DEVICE)
        tokens.append(issuer.issue(viewer, session)[0])
    return tokens


def _likes(stores: Stores, dataset: PeerDataset) -> Iterator[Document]:
    for viewer, viewer_id in enumerate(dataset.viewers):
        for tweet in dataset.liked(viewer):
            yield {"_id": stores.ids(), "user": viewer_id, "target": tweet}


async def copy_to_peers(stores: Stores, dataset: PeerDataset, url: str) -> None:
    """Writes lists, sets of likes and rows as JSON to the Redis database of this URL."""
    async with Redis.from_url(url) as redis:
        async for row in tweet_rows(stores, dataset.people):
            await redis.set(f"tweet:{row.tweet.id}", msgspec.json.encode(row.as_json()))
        users = [user for user in await stores.users.accounts.get_many(dataset.people.ids) if user is not None]
        await redis.mset({f"user:{user.id}": msgspec.json.encode(user_json(user)) for user in users})
        for viewer, viewer_id in enumerate(dataset.viewers):
            lists: Sequence[str | int] = ("RPUSH", f"tl:{viewer_id}", *dataset.people.timeline(viewer))
            await send_all(redis, [lists, ("SADD", f"likes:{viewer_id}", *dataset.liked(viewer))])


def user_json(user: UserRecord) -> dict[str, object]:
    return {
        "id": str(user.id),
        "handle": user.handle,
        "name": user.name,
        "avatarUrl": user.avatar,
        "isVerified": user.is_verified,
    }


async def tweet_rows(stores: Stores, people: Population) -> AsyncIterator[TweetRow]:
    """All tweets with their counts."""
    ids = iter([tweet for tweets in people.tweets for tweet in tweets])
    while some := list(islice(ids, _AT_ONCE)):
        found, counts = await stores.tweets.items.get_many(some), await stores.tweets.counts.get_many(some)
        for tweet, counted in zip(found, counts, strict=True):
            assert isinstance(tweet, TweetRecord)
            yield TweetRow(tweet, counted)
