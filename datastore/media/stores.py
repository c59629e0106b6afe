"""Stores of pictures."""

from dataclasses import dataclass

from datastore.jobs.stores import JobStores
from datastore.media.storage import MediaStorage
from datastore.media.store import MediaStore
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline


@dataclass(frozen=True, slots=True)
class MediaStores:
    items: MediaStore
    storage: MediaStorage


def media_stores(mongo: Mongo, *, pipeline: CommandPipeline, jobs: JobStores, url: str) -> MediaStores:
    return MediaStores(items=MediaStore(mongo, pipeline, jobs.outbox), storage=MediaStorage(url))
