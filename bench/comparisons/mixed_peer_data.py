"""Copies people, tweets, likes and home lists to the peer of the mixed load, in the schema that it reads."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from redis.asyncio import Redis

from bench.data.peer_dataset import PeerDataset, tweet_rows, user_json
from core.auth.tokens import AccessTokens
from core.settings import Settings, signing_keys
from datastore.mongo.bulk import chunked, insert_new
from datastore.mongo.client import Document, Mongo, open_mongo
from datastore.stores import Stores

PEER_REDIS = 2
_DATABASE = "peer"
_INDEXES: Mapping[str, Iterable[Mapping[str, int]]] = {
    "tweets": [{"author": 1, "_id": -1}],
    "users": [{"handle": 1}],
    "follows": [{"follower": 1}, {"followee": 1}],
    "blocks": [{"user": 1}, {"target": 1}],
    "mutes": [{"user": 1}],
}


def peer_mongo_url(settings: Settings) -> str:
    """A database of the peer on the same MongoDB server."""
    return urlsplit(settings.mongo_url or "")._replace(path=f"/{_DATABASE}").geturl()


async def copy_to_peer(settings: Settings, stores: Stores, dataset: PeerDataset) -> None:
    async with open_mongo(peer_mongo_url(settings), settings.mongo_driver) as mongo:
        users = [user for user in await stores.users.accounts.get_many(dataset.people.ids) if user is not None]
        await _insert(mongo, "users", ({**user_json(user), "_id": str(user.id)} for user in users))
        await _insert(mongo, "tweets", [_tweet(row.as_json()) async for row in tweet_rows(stores, dataset.people)])
        await _insert(mongo, "follows", _follows(dataset))
        await _insert(mongo, "sessions", _sessions(settings, dataset))
        for name, indexes in _INDEXES.items():
            for index in indexes:
                await mongo.collection(name).create_index([*index.items()])
    async with Redis.from_url(f"{settings.redis_url}/{PEER_REDIS}") as redis:
        for viewer, viewer_id in enumerate(dataset.viewers):
            await redis.rpush(f"tl:{viewer_id}", *dataset.people.timeline(viewer))
            await redis.sadd(f"likes:{viewer_id}", *dataset.liked(viewer))


async def _insert(mongo: Mongo, name: str, documents: Iterable[Document]) -> None:
    for chunk in chunked(documents):
        await insert_new(mongo.collection(name), chunk)


def _tweet(row: Mapping[str, object]) -> Document:
    counts = {
        name: row[f"{one}Count"] for name, one in (("likes", "like"), ("retweets", "retweet"), ("replies", "reply"))
    }
    same = {name: row[name] for name in ("text", "createdAt")}
    return {"_id": row["id"], "author": row["authorId"], "counts": counts, "fanout": "done", **same}


def _follows(dataset: PeerDataset) -> Iterable[Document]:
    ids = dataset.people.ids
    for person, followees in enumerate(dataset.people.plan.followees):
        for other in followees:
            pair = {"follower": str(ids[person]), "followee": str(ids[other])}
            yield {"_id": f"{person} {other}", **pair}


def _sessions(settings: Settings, dataset: PeerDataset) -> Iterable[Document]:
    tokens = AccessTokens(signing_keys(settings))
    for token in dataset.tokens:
        claims = tokens.check(token)
        yield {"_id": str(claims.session_id), "user": str(claims.user_id)}
