"""Files to import, commands as child processes, and dumps of the stored rows."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from datastore.mongo.client import open_mongo

ROOT = Path(__file__).resolve().parents[4]
END_SECONDS = 120.0
FIRST = datetime(2009, 4, 6, 22, 19, 45, tzinfo=UTC)
COLLECTIONS = ("users", "tweets", "follows")
Dump = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Files:
    graph: Path
    tweets: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        return "--graph", str(self.graph), "--tweets", str(self.tweets)


@dataclass(frozen=True, slots=True)
class Ended:
    status: int
    output: str
    errors: str


def line(seconds: float, handle: str, text: str) -> str:
    """A line of the CSV, dated so many seconds after the first date."""
    date = (FIRST + timedelta(seconds=seconds)).strftime("%a %b %d %H:%M:%S UTC %Y")
    quoted = text.replace('"', '""')
    return f'0,1,{date},NO_QUERY,{handle},"{quoted}"'


def files_of(folder: Path, lines: Iterable[str], edges: Iterable[str] = ()) -> Files:
    folder.mkdir(exist_ok=True)
    files = Files(folder / "graph.edges", folder / "tweets.csv")
    files.graph.write_text("".join(f"{edge}\n" for edge in edges))
    files.tweets.write_text("".join(f"{tweet}\r\n" for tweet in lines))
    return files


def many(folder: Path, *, people: int, tweets: int, readers: int = 20) -> Files:
    """Files where the first `readers` people follow everybody and each second has seven tweets."""
    lines = (
        line(number // 7, f"p{number * 31 % people}", f"tweet {number} #tag{number % 9}") for number in range(tweets)
    )
    edges = (f"{one} {other}" for one in range(readers) for other in range(people) if other != one)
    return files_of(folder, lines, edges)


@asynccontextmanager
async def command(
    mongo_url: str, redis_url: str, *words: str, room: str = "datastore"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Runs `python -m datastore ...`, or another room's command; kills it at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    urls = {"ROOKERY_MONGO_URL": mongo_url, "ROOKERY_REDIS_URL": redis_url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", room, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment | {name: url for name, url in urls.items() if url},
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run(mongo_url: str, redis_url: str, *words: str, room: str = "datastore") -> Ended:
    """Runs the command to its end."""
    async with command(mongo_url, redis_url, *words, room=room) as process, asyncio.timeout(END_SECONDS):
        output, errors = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, output.decode(), errors.decode())


async def dump(mongo_url: str) -> Dump:
    """All people, tweets and follows in order of their ids, without password hashes, which are random."""
    async with open_mongo(mongo_url) as mongo:
        found: Dump = {
            name: [row async for row in mongo.collection(name).find().sort("_id", 1)] for name in COLLECTIONS
        }
    for user in found["users"]:
        assert user.pop("password_hash").startswith("$argon2id$")
    return found
