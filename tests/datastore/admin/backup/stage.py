"""Backups of databases of the tests, and what is in them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from datastore.admin.backup.backup import Pictured, back_up
from datastore.admin.backup.manifest import Manifest
from datastore.admin.backup.restore import restore
from datastore.admin.backup.source import BACKUPS, Source, opened
from datastore.media.storage import MediaStorage
from datastore.redis.client import open_redis
from tests.support.stores import Stores

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A database and its pictures, an empty one and its pictures, a Redis, and a folder for a backup."""

    source: Source
    target: Source
    pictures: MediaStorage
    restored_pictures: MediaStorage
    redis: Redis
    folder: Path

    async def back_up(self, *, copies: bool = True, source: Source | None = None) -> Manifest:
        pictured = Pictured(self.pictures, "file:///of/the/test", is_copied=copies)
        return await back_up(source or self.source, pictured, self.folder, lambda _: None)

    async def restore(self) -> Manifest:
        return await restore(self.target, self.restored_pictures, [self.redis], self.folder, lambda _: None)

    async def restored(self) -> Rows:
        """Restores and returns what is there then; the target is emptied again."""
        await self.restore()
        rows = await rows_of(self.target)
        await self.empty()
        return rows

    async def empty(self) -> None:
        for name in await self.target.database.list_collection_names():
            await self.target.database[name].drop()


@asynccontextmanager
async def staged(stores: Stores, redis_url: str, folder: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        source, target = [
            await stack.enter_async_context(opened(stack.enter_context(stores.fresh_database()))) for _ in range(2)
        ]
        redis = await stack.enter_async_context(open_redis(redis_url))
        pictures, restored = (MediaStorage((folder / name).as_uri()) for name in ("pictures", "restored"))
        yield Stage(source, target, pictures, restored, redis, folder / "backup")


async def rows_of(source: Source) -> Rows:
    """All rows in the order of their ids, without those of the backups themselves."""
    names = await source.database.list_collection_names()
    return {
        name: [dict(row) async for row in source.database[name].find().sort("_id", 1)]
        for name in sorted(names)
        if name != BACKUPS
    }
