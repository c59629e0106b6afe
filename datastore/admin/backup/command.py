"""The commands `backup` and `restore`."""

import argparse
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from redis.asyncio import Redis
from tqdm import tqdm

from core.runtime.data_folder import default_media_url
from core.settings import Settings
from datastore.admin.backup.backup import Pictured, back_up
from datastore.admin.backup.manifest import Manifest
from datastore.admin.backup.restore import restore
from datastore.admin.backup.source import Source, opened
from datastore.admin.running import bar, run_command
from datastore.media.storage import MediaStorage
from datastore.mongo.client import away_as_unavailable, open_mongo
from datastore.redis.client import open_redis

if TYPE_CHECKING:
    from datastore.admin.commands import Commands


class _Opened(NamedTuple):
    source: Source
    storage: MediaStorage
    media_url: str


def register_backup(commands: "Commands") -> None:
    parser = commands.add_parser("backup", help="all that is truth, from stores in use; a second run adds what changed")
    parser.add_argument("folder", type=Path, metavar="DIR", help="an empty or absent folder, or an earlier backup")
    parser.add_argument(
        "--pictures",
        choices=("copy", "reference"),
        default="copy",
        help="whether their files are copied, or only listed (%(default)s)",
    )
    parser.set_defaults(run=lambda options: run_command(partial(_back_up, options)))


def register_restore(commands: "Commands") -> None:
    parser = commands.add_parser("restore", help="a backup into empty stores; caches, queues and logs are emptied")
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that `backup` wrote")
    parser.set_defaults(run=lambda options: run_command(partial(_restore, options.folder)))


async def _back_up(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings) as (source, storage, media_url):
        pictured = Pictured(storage, media_url, is_copied=options.pictures == "copy")
        with bar("backed up", None) as advance, away_as_unavailable():
            manifest = await back_up(source, pictured, options.folder, advance)
    run = manifest.runs[-1]
    documents = sum(sum(layer.documents.values()) for layer in run.layers)
    tqdm.write(
        f"run {len(manifest.runs)} in {options.folder}: {documents:,} documents, {run.pictures.count:,} pictures,"
        f" as of {_stamp(manifest)}"
    )
    return 0


async def _restore(folder: Path, settings: Settings) -> int:
    if settings.redis_url is None:
        raise SystemExit("ROOKERY_REDIS_URL is needed here: caches of what was before must not be served.")
    urls = {settings.redis_url, settings.jobs_url or settings.redis_url}
    async with _opened(settings) as (source, storage, _), AsyncExitStack() as stack:
        redis: list[Redis] = [await stack.enter_async_context(open_redis(url)) for url in sorted(urls)]
        with bar("restored", None) as advance, away_as_unavailable():
            manifest = await restore(source, storage, redis, folder, advance)
    tqdm.write(f"restored as of {_stamp(manifest)}; run `python -m datastore media --verify` to compare the pictures")
    return 0


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Opened]:
    if settings.mongo_url is None:
        raise SystemExit("ROOKERY_MONGO_URL is needed here, such as mongodb://127.0.0.1:27017/rookery?replicaSet=rs0.")
    url = settings.media_url or default_media_url()
    async with open_mongo(settings.mongo_url, settings.mongo_driver) as mongo:
        await mongo.ping()
    async with opened(settings.mongo_url) as source:
        yield _Opened(source, MediaStorage(url), url)


def _stamp(manifest: Manifest) -> str:
    return f"{manifest.runs[-1].stamp.as_datetime():%Y-%m-%d %H:%M:%S} UTC"
