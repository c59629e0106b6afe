"""Command line of the datastore: `python -m datastore COMMAND`. Each command registers itself with the parser."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from core.runtime.data_folder import default_data_folder
from datastore.admin.backup.command import register_backup, register_restore
from datastore.admin.capacity.command import register_plan
from datastore.admin.commands import (
    register_grant,
    register_import,
    register_indexes,
    register_media,
    register_rebuild,
    register_shard,
)
from datastore.admin.migrations.command import register_migrate
from datastore.embedded.programs import EmbeddedStoreError
from datastore.embedded.stores import embedded_stores

if TYPE_CHECKING:
    from datastore.admin.commands import Commands

HIGHEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m datastore", description="Stores, indexes and data in bulk.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for register in REGISTERED:
        register(commands)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def register_embedded(commands: "Commands") -> None:
    parser = commands.add_parser("embedded", help="MongoDB and Valkey alone, in the foreground; prints `ready`")
    parser.add_argument("--mongo-port", type=_port, help="any free one unless given")
    parser.add_argument("--redis-port", type=_port, help="any free one unless given")
    parser.add_argument("--data", type=Path, default=default_data_folder(), help="the data folder (%(default)s)")
    parser.add_argument("--ephemeral", action="store_true", help="keep no data")
    parser.set_defaults(run=run_embedded)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1-{HIGHEST_PORT}")
    return int(text)


def run_embedded(options: argparse.Namespace) -> int:
    # Standard output ends with `ready`.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        asyncio.run(_serve_embedded(options))
    except EmbeddedStoreError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _serve_embedded(options: argparse.Namespace) -> None:
    """Runs until SIGINT or SIGTERM."""
    stop_requested = _stop_event()
    data = None if options.ephemeral else options.data
    async with embedded_stores(data, mongo_port=options.mongo_port, redis_port=options.redis_port) as urls:
        print(f"ROOKERY_MONGO_URL={urls.mongo}\nROOKERY_REDIS_URL={urls.redis}\nready", flush=True)
        await stop_requested.wait()


def _stop_event() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM. A second one ends the process at once; its supervisors stop the stores."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def request_stop() -> None:
        stop.set()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_DFL)

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, request_stop)
    return stop


REGISTERED: tuple[Callable[["Commands"], None], ...] = (
    register_embedded,
    register_indexes,
    register_import,
    register_rebuild,
    register_grant,
    register_shard,
    register_media,
    register_backup,
    register_restore,
    register_migrate,
    register_plan,
)

if __name__ == "__main__":
    sys.exit(main())
