"""Hostile files of a generator through a real worker of pictures: what became of them, how soon, and its memory.

`python -m bench.writes.hostile_pictures --files 10000 --seed 1` sends as many as the proof needs, which takes some
20 minutes; the same seed gives the same files.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from time import perf_counter

import uvloop
from PIL import Image

from bench.deployment.stack import running_stores, running_workers
from bench.harness.cpu import resident_mb_by_word
from bench.harness.figures import Figure, machine, table
from bench.harness.waiting import until
from core.ids import MediaId, UserId
from datastore.jobs.jobs import ProcessMedia
from datastore.jobs.queue import enqueue
from datastore.jobs.routing import MEDIA
from datastore.media.records import MediaRecord, MediaState
from datastore.media.storage import incoming, variants
from datastore.stores import Stores, open_stores
from tests.workers.media.hostile import MARK, HostileFile, hostile_files

NAME = "hostile_pictures"
FILES, SEED = 500, 1
GOAL_SECONDS = 10.0
# As many as the worker takes, so that none waits for another.
_AT_ONCE = 2
_PATIENCE_SECONDS = 60.0
_OWNER = UserId(1)
# Of the command of the worker itself, not of the programs that it starts.
_WORKER = "-m workers"


class _Tally:
    """States, seconds and memory of the files so far; `wrong` has a line for each that is other than promised."""

    def __init__(self) -> None:
        self.states: Counter[MediaState] = Counter()
        self.seconds: list[tuple[float, str]] = []
        self.memory: list[float] = []
        self.wrong: list[str] = []


async def run(files: int = FILES, seed: int = SEED) -> list[Figure]:
    async with (
        running_stores() as settings,
        open_stores(settings) as stores,
        running_workers(settings, MEDIA) as worker,
    ):
        tally, left = _Tally(), hostile_files(seed, files)
        await asyncio.gather(*[_send(stores, left, tally, worker.pid) for _ in range(_AT_ONCE)])
        is_lost = worker.returncode is not None
    return _figures(tally, is_lost=is_lost)


async def _send(stores: Stores, files: Iterator[HostileFile], tally: _Tally, worker: int) -> None:
    for file in files:
        media_id, began = await _hand_over(stores, file), perf_counter()
        await until(partial(_is_done, stores, media_id), within=_PATIENCE_SECONDS, poll_seconds=0.01)
        tally.seconds.append((perf_counter() - began, file.what))
        await until(partial(_is_tidy, stores, media_id), within=_PATIENCE_SECONDS, poll_seconds=0.01)
        await _judge(stores, media_id, file.what, tally)
        tally.memory.append(resident_mb_by_word({worker}, _WORKER))


async def _hand_over(stores: Stores, file: HostileFile) -> MediaId:
    media = MediaRecord(
        MediaId(stores.ids()), _OWNER, MediaState.WAITING, file.content_type, len(file.data), "0" * 64, "secret"
    )
    await stores.media.items.insert(media)
    await stores.media.storage.put(incoming(media.id), file.data)
    job = ProcessMedia(stores.ids(), media.id)
    assert await stores.media.items.arrived(job)
    await enqueue(stores.jobs.redis, job)
    return media.id


async def _is_done(stores: Stores, media_id: MediaId) -> bool:
    media = await stores.media.items.get(media_id)
    return media is not None and media.state is not MediaState.PROCESSING


async def _is_tidy(stores: Stores, media_id: MediaId) -> bool:
    return await stores.media.storage.get(incoming(media_id)) is None


async def _judge(stores: Stores, media_id: MediaId, what: str, tally: _Tally) -> None:
    media = await stores.media.items.get(media_id)
    assert media is not None
    tally.states[media.state] += 1
    files = sorted([file.key async for file in stores.media.storage.files(str(media_id))])
    if media.state is MediaState.FAILED:
        if files or not (media.failure or "").endswith("."):
            tally.wrong.append(f"{what}: {media.failure}, {files}")
        return
    made = [await stores.media.storage.get(key) for key in files]
    if files != sorted(variants(media)) or not all(_is_harmless(one) for one in made):
        tally.wrong.append(f"{what}: {media.state}, {files}")


def _is_harmless(made: bytes | None) -> bool:
    if made is None or MARK in made:
        return False
    with Image.open(BytesIO(made)) as picture:
        return picture.format == "WEBP" and not picture.getexif() and "icc_profile" not in picture.info


def _figures(tally: _Tally, *, is_lost: bool) -> list[Figure]:
    count, half = len(tally.seconds), len(tally.memory) // 2
    slowest, which = max(tally.seconds)
    late = sum(seconds > GOAL_SECONDS for seconds, _ in tally.seconds)
    before, after = max(tally.memory[:half]), max(tally.memory[half:])
    for line in tally.wrong:
        print(f"{NAME}: {line}", flush=True)
    states = ", ".join(f"{number} {state}" for state, number in sorted(tally.states.items()))
    return [
        Figure(NAME, f"{count:,} hostile files", states),
        Figure(NAME, "  served as they came, or not as promised", str(len(tally.wrong)), "0"),
        Figure(NAME, "  workers lost", str(int(is_lost)), "0"),
        Figure(NAME, f"  later than {GOAL_SECONDS:g} s", str(late), "0"),
        Figure(NAME, "  the slowest", f"{slowest:.1f} s, {which}", f"< {GOAL_SECONDS:g} s"),
        Figure(NAME, "  most memory of the worker, first and second half", f"{before:.0f}, {after:.0f} MB", "flat"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.writes.hostile_pictures", description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    before = machine()
    print(f"\n{before} before\n\n{table(uvloop.run(run(options.files, options.seed)))}")
