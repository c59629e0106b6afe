"""`python -m bench.harness.watch_stores`: prints each command that Redis and MongoDB receive, until Ctrl-C.

Scripts are named by their files. MongoDB's profiler is on meanwhile, for all queries of the database.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Monitor

from core.settings import Settings, load_settings
from datastore.mongo.client import Mongo, open_mongo
from datastore.redis.scripts import script_names, script_source

LONGEST_LINE = 200
_LOOK_EVERY_SECONDS = 0.2
_OFF, _ALL = 0, 2
_SCRIPT_COMMANDS = ("EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO")
# The profiler reports its own reads, too.
_PROFILE = "system.profile"


async def watch(settings: Settings) -> None:
    """Needs both URLs. Raises ConnectionError while Redis is away, UnavailableError while MongoDB is."""
    if settings.mongo_url is None or settings.redis_url is None:
        raise SystemExit("Set ROOKERY_MONGO_URL and ROOKERY_REDIS_URL, as the API has them.")
    async with open_mongo(settings.mongo_url, settings.mongo_driver) as mongo, asyncio.TaskGroup() as group:
        group.create_task(_watch_redis(settings.redis_url))
        group.create_task(_watch_mongo(mongo))


async def _watch_redis(url: str) -> None:
    names = _script_names()
    async with Redis.from_url(url, socket_timeout=None) as redis, Monitor(redis.connection_pool) as monitor:
        while True:
            entry = await monitor.next_command()
            if entry["client_type"] != "lua":
                _show("redis", entry["time"], _named(entry["command"], names))


async def _watch_mongo(mongo: Mongo) -> None:
    last = datetime.now(UTC)
    await mongo.database.command("profile", _ALL)
    try:
        while True:
            query = {"ts": {"$gt": last}, "ns": {"$ne": f"{mongo.database.name}.{_PROFILE}"}}
            async for row in mongo.database[_PROFILE].find(query).sort("ts", 1):
                last = row["ts"]
                _show("mongo", last.timestamp(), f"{row['millis']} ms {row['ns']} {_shape(row)}")
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
    finally:
        await mongo.database.command("profile", _OFF)


def _script_names() -> Mapping[str, str]:
    """From the digest, and from the source as MONITOR writes it, of each script to its name."""
    sources = {name: script_source(name) for name in script_names()}
    digests = {hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(): name for name, text in sources.items()}
    return digests | {text.replace("\n", "\\n"): name for name, text in sources.items()}


def _named(command: str, names: Mapping[str, str]) -> str:
    word, _, operands = command.partition(" ")
    if word in _SCRIPT_COMMANDS:
        for text, name in names.items():
            if operands.startswith(text):
                return f"{word} {name}{operands[len(text) :]}"
    return command


def _shape(row: Mapping[str, Any]) -> str:
    command = row.get("command", {})
    asked = command.get("filter") or command.get("q") or command.get("pipeline") or ""
    verb = next(iter(command), "q")
    return f"{row['op'] if verb == 'q' else verb} {asked}"


def _show(store: str, seconds: float, text: str) -> None:
    line = f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S.%f} {store} {text}"
    print(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}...", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(watch(load_settings()))
    except KeyboardInterrupt:
        print()
