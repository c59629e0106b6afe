"""A deployment that is backed up in use, and loses its database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pymongo import MongoClient

from core.settings import Settings
from datastore.admin.backup.backup import Pictured, back_up
from datastore.admin.backup.restore import restore
from datastore.admin.backup.source import opened
from datastore.embedded.stores import free_port
from datastore.media.storage import MediaStorage
from datastore.redis import job_keys
from datastore.redis.client import open_redis
from tests.datastore.opened import indexed
from tests.support.service import Service, running_service, running_workers, settings_for
from tests.support.stores import Stores


@dataclass(slots=True)
class Deployment:
    """A database in use, and an empty one into which it is restored."""

    stores: Stores
    folder: Path
    urls: Sequence[str]
    number: int = 0
    port: int = field(default_factory=free_port)

    @property
    def settings(self) -> Settings:
        """Lists are so short, and authors so soon merged at read, that both kinds of pages are read."""
        redis_url = self.stores.redis_url
        media_url = (self.folder / "media").as_uri()
        more = {"timeline_length": 8, "fanout_limit": 2, "rate_limit": "off", "media_url": media_url}
        return settings_for(self.urls[self.number], redis_url, **more)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """At one address, which pictures have. Workers meet Redis as after a start: they do not know its run."""
        async with running_service(self.settings, with_workers=False, port=self.port) as service:
            await service.stores.jobs.redis.delete(job_keys.swept_run())
            async with running_workers(service.stores):
                yield service

    async def back_up(self) -> None:
        async with opened(self.urls[self.number]) as source:
            pictured = Pictured(MediaStorage(self._media_url), self._media_url, is_copied=True)
            await back_up(source, pictured, self.folder / "backup", lambda _: None)

    async def lose_and_restore(self) -> None:
        """Nothing of the database of before is left. Redis has all of it: `restore` empties it."""
        lost, self.number = self.urls[self.number], self.number + 1
        with MongoClient[dict[str, object]](lost) as client:
            client.drop_database(client.get_default_database())
        async with opened(self.urls[self.number]) as source, open_redis(self.stores.redis_url) as redis:
            await restore(source, MediaStorage(self._media_url), [redis], self.folder / "backup", lambda _: None)

    @property
    def _media_url(self) -> str:
        return self.settings.media_url or ""


@asynccontextmanager
async def deployed(stores: Stores, folder: Path) -> AsyncIterator[Deployment]:
    with stores.fresh_database() as one, stores.fresh_database() as other:
        await indexed(one)
        stores.flush_redis()
        yield Deployment(stores, folder, [one, other])
