"""The commands of the datastore: `python -m datastore COMMAND`. Each registers itself with the parser."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from datastore.embedded import default_data_folder, embedded_stores
from datastore.programs import EmbeddedStoreError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

HIGHEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
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
    parser.add_argument("--data", type=Path, default=default_data_folder(), help="where data lasts (%(default)s)")
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
    """Until SIGINT or SIGTERM."""
    _cancel_on_signal()
    data = None if options.ephemeral else options.data
    try:
        async with embedded_stores(data, mongo_port=options.mongo_port, redis_port=options.redis_port) as urls:
            print(f"ROOKERY_MONGO_URL={urls.mongo}\nROOKERY_REDIS_URL={urls.redis}\nready", flush=True)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


def _cancel_on_signal() -> None:
    """Once only: a second signal must not interrupt the orderly end that the first one began."""
    task = asyncio.current_task()

    def cancel_once() -> None:
        if task is not None and not task.cancelling():
            task.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, cancel_once)


REGISTERED: tuple[Callable[["Commands"], None], ...] = (register_embedded,)

if __name__ == "__main__":
    sys.exit(main())
