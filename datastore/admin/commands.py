"""The commands on open stores: `indexes`, `import`, `rebuild`, `grant`, `shard`. Each registers itself with the parser.

Exit status 2 means that nothing, or not everything, could be done; the same command continues from there.
"""

import argparse
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pymongo
from tqdm import tqdm

from core.ids import UserId
from core.roles import Role
from core.settings import Settings
from core.text.text import TextError, clean_password, typed_handle_key
from datastore.admin.backfill import prepare
from datastore.admin.importer.corpus import Corpus
from datastore.admin.importer.importer import Importer, PhaseReport
from datastore.admin.importer.sentiment140 import parse_tweet
from datastore.admin.importer.sources import BadLine, parse_edge, read_lines
from datastore.admin.media import verify_media
from datastore.admin.running import FAILED, INDEX_SECONDS, bar, run_command
from datastore.admin.sharding import shard_collections
from datastore.moderation.log import LogLine
from datastore.mongo.bulk import CHUNK
from datastore.mongo.client import open_mongo
from datastore.mongo.form import ensure_fit
from datastore.rebuild import rebuild_timelines
from datastore.stores import Stores, open_stores

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

T = TypeVar("T")


def register_indexes(commands: "Commands") -> None:
    parser = commands.add_parser(
        "indexes", help="makes every index, and backfills derived fields of older rows; safe to repeat"
    )
    parser.set_defaults(run=lambda _: run_command(_make_indexes))


def register_import(commands: "Commands") -> None:
    parser = commands.add_parser("import", help="people, follows and tweets in bulk; safe to repeat")
    add = parser.add_argument
    add("--graph", type=Path, required=True, metavar="EDGES", help="a line `follower followee`, numbers")
    add("--tweets", type=Path, required=True, metavar="CSV", help="Sentiment140: polarity,id,date,query,handle,text")
    add("--undirected", action="store_true", help="both people of an edge follow each other")
    add("--limit", type=_count, metavar="N", help="takes the first N lines of the CSV")
    add("--password", type=_password, metavar="P", help="the password of all imported people")
    parser.set_defaults(run=lambda options: run_command(partial(_import, options)))


def register_rebuild(commands: "Commands") -> None:
    parser = commands.add_parser("rebuild", help="rebuilds home timelines from the database")
    parser.add_argument("--user", metavar="HANDLE", help="rebuilds only this person's")
    parser.set_defaults(run=lambda options: run_command(partial(_rebuild, options.user)))


def register_media(commands: "Commands") -> None:
    parser = commands.add_parser("media", help="compares the storage of pictures with the database, and mends it")
    parser.add_argument("--verify", action="store_true", required=True, help="exit status 1 where something was wrong")
    parser.set_defaults(run=lambda _: run_command(_verify_media))


def register_shard(commands: "Commands") -> None:
    parser = commands.add_parser("shard", help="shards the collections of a sharded cluster, through its mongos")
    parser.set_defaults(run=lambda _: run_command(_shard))


def register_grant(commands: "Commands") -> None:
    parser = commands.add_parser("grant", help="gives a person a role")
    parser.add_argument("--handle", required=True, metavar="H", help="the person's handle")
    parser.add_argument("--role", required=True, choices=list(Role), type=_role, help=f"one of {', '.join(Role)}")
    parser.set_defaults(run=lambda options: run_command(partial(_grant, options.handle, options.role)))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines")
    return int(text)


def _password(text: str) -> str:
    try:
        return clean_password(text)
    except TextError as error:
        raise argparse.ArgumentTypeError(error.message) from None


def _role(text: str) -> Role:
    try:
        return Role(text.upper())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(Role)}") from None


async def _make_indexes(settings: Settings) -> int:
    if settings.mongo_url is None:
        raise SystemExit("ROOKERY_MONGO_URL is needed here, such as mongodb://127.0.0.1:27017/rookery?replicaSet=rs0.")
    async with open_mongo(settings.mongo_url, settings.mongo_driver) as mongo:
        await mongo.ping()
        with pymongo.timeout(INDEX_SECONDS):
            await prepare(mongo)
    return 0


async def _verify_media(settings: Settings) -> int:
    async with open_stores(settings) as stores:
        differences = await verify_media(stores)
    for line in differences:
        tqdm.write(line)
    tqdm.write(f"{len(differences)} differences between storage and database, mended")
    return 1 if differences else 0


async def _shard(settings: Settings) -> int:
    if settings.mongo_url is None:
        raise SystemExit("ROOKERY_MONGO_URL is needed here, that of a mongos.")
    async with open_mongo(settings.mongo_url, settings.mongo_driver) as mongo:
        await mongo.ping()
        with pymongo.timeout(INDEX_SECONDS):
            for line in await shard_collections(mongo):
                tqdm.write(line)
    return 0


async def _import(options: argparse.Namespace, settings: Settings) -> int:
    """The exit status: 1 where lines were skipped."""
    async with _answering_stores(settings) as stores:
        bad_lines: list[BadLine] = []
        corpus = _read(options, bad_lines.append)
        with pymongo.timeout(INDEX_SECONDS):
            await prepare(stores.mongo)
        importer = Importer(stores, bar)
        await importer.run(corpus, options.password)
    for report in importer.reports:
        tqdm.write(_line(report))
    if bad_lines:
        tqdm.write(f"{len(bad_lines):,} lines skipped", file=sys.stderr)
    return 1 if bad_lines else 0


def _read(options: argparse.Namespace, on_bad_line: Callable[[BadLine], object]) -> Corpus:
    def report(line: BadLine) -> None:
        tqdm.write(str(line), file=sys.stderr)
        on_bad_line(line)

    tweets = read_lines(options.tweets, parse_tweet, report, limit=options.limit)
    edges = read_lines(options.graph, parse_edge, report)
    return Corpus.of(_counted(tweets, "tweets read"), _counted(edges, "edges read"), undirected=options.undirected)


def _counted(things: Iterable[T], phase: str) -> Iterator[T]:
    """A progress bar appears when the first item is taken."""
    yield from tqdm(things, desc=phase, unit="")


async def _rebuild(handle: str | None, settings: Settings) -> int:
    async with _answering_stores(settings) as stores:
        if handle is None:
            with bar("timelines", None) as advance:
                async for page in stores.users.accounts.id_pages(CHUNK):
                    await rebuild_timelines(stores, page, advance)
            return 0
        ids = list((await stores.users.accounts.ids_by_handle([typed_handle_key(handle)])).values())
        await rebuild_timelines(stores, ids, lambda _: None)
    if not ids:
        tqdm.write(f"Nobody has the handle {handle!r}.", file=sys.stderr)
    return 0 if ids else FAILED


async def _grant(handle: str, role: Role, settings: Settings) -> int:
    async with _answering_stores(settings) as stores:
        found = (await stores.users.accounts.ids_by_handle([typed_handle_key(handle)])).values()
        lines = [LogLine(stores.ids(), None, f"SET_ROLE {role}", ("User", user_id)) for user_id in found]
        given = [await stores.users.roles.set(UserId(line.subject[1]), role, line) for line in lines]
    if not any(given):
        tqdm.write(f"Nobody has the handle {handle!r}.", file=sys.stderr)
        return FAILED
    tqdm.write(f"{handle} is {role}.")
    return 0


@asynccontextmanager
async def _answering_stores(settings: Settings) -> AsyncIterator[Stores]:
    async with open_stores(settings) as stores:
        await stores.mongo.ping()
        await ensure_fit(stores.mongo)
        await stores.jobs.locks.ping()
        yield stores


def _line(report: PhaseReport) -> str:
    new = "" if report.new is None else f"{report.new:,} new"
    rate = report.total / report.seconds if report.total else 0
    return f"{report.phase:<10} {report.total:>12,} {new:>16} {report.seconds:8.1f} s {rate:>12,.0f} a second"
