"""Workers, API and storage killed at random while people upload, post and delete pictures: files and rows agree."""

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from core.auth.tokens import utc_now
from core.settings import Settings
from datastore.admin.indexes import make_indexes
from datastore.admin.media import verify_media
from datastore.media.records import MediaSize, MediaState
from datastore.media.storage import variant
from datastore.stores import Stores, open_stores
from tests.support.people import Person, sign_up
from tests.support.pictures import create_upload, node, png, put, urls
from tests.support.processes import worker_processes
from tests.support.processes.api_processes import ApiProcesses, api_processes
from tests.support.processes.rclone import KEY, SECRET, S3Server, killable_s3
from tests.support.processes.worker_processes import KilledProcesses, killed_processes
from tests.support.service import NO_AUTHORITIES, OVERDUE_MS, TIMEOUT_SECONDS, Service, settings_for
from tests.support.stores import Stores as Servers
from tests.support.waiting import eventually
from workers.media.cleaning import MediaCleaner

pytestmark = pytest.mark.long
KILLS, PEOPLE, WORKERS, APIS = 50, 4, 2, 2
SETTLED_SECONDS = 120.0
KEYS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
UPDATE = """mutation Update($input: UpdateProfileInput!) { updateProfile(input: $input) {
  user { id } userErrors { code field message } } }"""
_log = logging.getLogger(__name__)
# What an act meets while a process is dead: a lost connection, or an answer that is an error.
FAILURES = (httpx.HTTPError, AssertionError, ValueError)


@dataclass(slots=True)
class World:
    """`services` are one for each API process."""

    services: list[Service]
    apis: ApiProcesses
    workers: KilledProcesses
    storage: S3Server

    async def kill(self, dice: random.Random) -> str:
        """Kills a process of a kind chosen at random, which is started again; returns the kind."""
        kind = dice.choice(["worker", "API", "storage"])
        if kind == "worker":
            self.workers.kill(dice.randrange(WORKERS))
        elif kind == "API":
            await self.apis.kill(dice.randrange(APIS))
        else:
            await self.storage.kill()
        return kind


@dataclass(slots=True)
class Album:
    """A person with their sure acts: `shown` pictures by tweet; addresses of pictures whose tweets were `deleted`."""

    person: Person
    shown: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)


@pytest.fixture
async def world(
    stores: Servers, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as stack:
        database = stack.enter_context(stores.fresh_database())
        storage = await stack.enter_async_context(killable_s3(tmp_path))
        settings = settings_for(database, redis_url, media_url=storage.url, rate_limit="off")
        opened = await stack.enter_async_context(open_stores(settings))
        await make_indexes(opened.mongo)
        workers = await stack.enter_async_context(killed_processes(_work, settings, WORKERS))
        apis = await stack.enter_async_context(api_processes(settings, APIS))
        services = [await stack.enter_async_context(_service(url, settings, opened)) for url in apis.urls]
        yield World(services, apis, workers, storage)


async def test_storage_equals_the_database_after_50_kills(world: World) -> None:
    dice, (service, other) = random.Random(1), world.services
    albums = [Album(await sign_up(service, f"person{number}")) for number in range(PEOPLE)]
    stop = asyncio.Event()
    kills = []
    async with asyncio.TaskGroup() as group:
        for number, album in enumerate(albums):
            group.create_task(_live(album, other if number % 2 else service, random.Random(number), stop))
        for _ in range(KILLS):
            await asyncio.sleep(dice.random())  # the fault itself: a death at some moment
            kills.append(await world.kill(dice))
        stop.set()
    await world.apis.restarted()
    await eventually(service.is_settled, within=SETTLED_SECONDS)
    await _clean(service.stores)
    later = utc_now() + timedelta(hours=1)
    found = await verify_media(service.stores, now=later)
    assert [line for line in found if "a row without its files" in line] == []
    await _clean(service.stores)
    assert await verify_media(service.stores, now=later) == []
    rows, files = await _expected_files(service.stores), await _files(service.stores)
    assert files == rows
    await _serve(service, albums)
    shown, deleted = (sum(len(getattr(album, kind)) for album in albums) for kind in ("shown", "deleted"))
    died = ", ".join(f"{kills.count(kind)} of {kind}" for kind in ("worker", "API", "storage"))
    _log.warning("%d kills (%s): %d pictures shown, %d files", len(kills), died, shown, len(files))
    _log.warning("%d differences were mended by --verify, then there were none: %s", len(found), found)
    assert shown > 0
    assert deleted > 0


@asynccontextmanager
async def _service(url: str, settings: Settings, stores: Stores) -> AsyncIterator[Service]:
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, verify=NO_AUTHORITIES) as http:
        yield Service(url, settings, stores, http)


def _work(settings: Settings, number: int) -> None:
    """The server that forks may be older than the keys."""
    os.environ.update(KEYS)
    worker_processes.work(OVERDUE_MS, settings, number)


async def _live(album: Album, service: Service, dice: random.Random, stop: asyncio.Event) -> None:
    """Uploads, posts, changes faces and deletes until `stop`; every act may fail."""
    person = Person(service, album.person.id, album.person.handle, album.person.token, album.person.refresh_token)
    while not stop.is_set():
        with suppress(*FAILURES):
            await _act(album, person, dice)


async def _act(album: Album, person: Person, dice: random.Random) -> None:
    data = png(colour=(dice.randrange(256), dice.randrange(256), dice.randrange(256)))
    made = await create_upload(person, data)
    if dice.random() < 0.1:
        return  # abandoned
    answer = await put(person, made["upload"], data)
    assert answer.status_code == 204
    media_id = made["media"]["id"]
    if dice.random() < 0.2:
        await eventually(partial(_is_ready, person, media_id))
        await person.act(UPDATE, input={"avatar": media_id})
        return
    tweet = await person.post("", media=[media_id])
    album.shown[tweet] = media_id
    if dice.random() < 0.4:
        await _delete_one(album, person, dice)


async def _delete_one(album: Album, person: Person, dice: random.Random) -> None:
    tweet, media_id = dice.choice(list(album.shown.items()))
    addresses = urls(await node(person, media_id))
    # From here on nobody knows whether it is there.
    del album.shown[tweet]
    await person.delete(tweet)
    album.deleted += addresses


async def _is_ready(person: Person, media_id: str) -> bool:
    return bool((await node(person, media_id))["state"] == "READY")


async def _clean(stores: Stores) -> None:
    """Settles claims of posts that never were, without their 10 minutes: nobody posts any more; removes all files."""
    cleaner = MediaCleaner(stores.media, stores.tweets.edits)
    while claimed := await stores.media.items.unposted(utc_now() + timedelta(seconds=1), 100):
        await cleaner.settle_claims(claimed)
    await cleaner.clean()
    assert await stores.media.items.removed(1) == []


async def _expected_files(stores: Stores) -> Mapping[str, int]:
    expected: dict[str, int] = {}
    for row in await stores.media.items.all_rows(0, 100_000):
        assert row.state in (MediaState.READY, MediaState.WAITING), row
        expected |= {variant(row, one.size): one.byte_length for one in row.variants}
    return expected


async def _files(stores: Stores) -> Mapping[str, int]:
    """All but uploads whose arrival was never noted: their rows are WAITING, and go after a day."""
    return {one.key: one.size async for one in stores.media.storage.files() if not one.key.startswith("incoming/")}


async def _serve(service: Service, albums: list[Album]) -> None:
    for album in albums:
        for media_id in album.shown.values():
            addresses = urls(await node(album.person, media_id))
            assert len(addresses) == len(MediaSize)
            for address in addresses:
                answer = await service.http.get(address, follow_redirects=True)
                assert (answer.status_code, answer.content[:4]) == (200, b"RIFF")
        for address in album.deleted:
            assert (await service.http.get(address)).status_code == 404
