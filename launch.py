"""`python app.py`: starts stores without a URL, makes indexes and demo data, runs workers and the API until Ctrl-C."""

import argparse
import asyncio
import os
import secrets
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from core.errors import UnavailableError
from core.runtime.data_folder import default_data_folder, media_url_in
from core.settings import Settings, load_settings, unknown_settings
from datastore.admin.migrations.migrate import MigrationError, finish_form, prepare_form
from datastore.embedded.programs import EmbeddedStoreError
from datastore.embedded.stores import embedded_stores, free_port, remove_data
from datastore.embedded.supervised import start_supervised, stop_supervised, wait_until_listening
from datastore.health import explained
from datastore.stores import Stores, open_stores
from resolvers.demo import demo
from resolvers.services import open_services

_PORT = 8000
_PORTS_TRIED = 20
MAIL_IS_OFF = (
    "mail is off: no verification of addresses, no reset of passwords, no word of changes and of new sign-ins;"
    " ROOKERY_SMTP_URL names a mail server"
)


def run_everything() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python app.py", description="Rookery on this machine, stores and all.")
    parser.add_argument("--ephemeral", action="store_true", help="keep no data")
    parser.add_argument(
        "--port", type=int, default=_PORT, help=f"where the API listens ({_PORT}), or the next free one"
    )
    parser.add_argument("--reset", action="store_true", help="remove the kept data, and start nothing")
    options = parser.parse_args()
    try:
        if options.reset:
            remove_data(default_data_folder())
            print(f"Removed {default_data_folder()}")
            return 0
        with own_port(options.port) as port:
            return asyncio.run(_run(None if options.ephemeral else default_data_folder(), port))
    except EmbeddedStoreError as error:
        print(error, file=sys.stderr)
    except UnavailableError as error:
        print(explained(error, load_settings()), file=sys.stderr)
    return 1


async def _run(data: Path | None, port: int) -> int:
    """A stop signal ends the start at once, and what was started with it."""
    stop, is_up = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(_start(data, port, stop, is_up))

    def end() -> None:
        stop.set()
        if not is_up.is_set():
            print("\nStopping ...", flush=True)
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    try:
        return await running
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        return 0


async def _start(data: Path | None, port: int, stop: asyncio.Event, is_up: asyncio.Event) -> int:
    given = load_settings()
    for name in unknown_settings(os.environ):
        del os.environ[name]  # warned of; the children would again
    print(f"Data          {'none is kept' if data is None else data}")
    print("Starting MongoDB and Valkey ...", flush=True)
    async with embedded_stores(data, mongo_url=given.mongo_url, redis_url=given.redis_url) as urls:
        with _media_url(data) as media_url:
            os.environ |= {"ROOKERY_MONGO_URL": urls.mongo, "ROOKERY_REDIS_URL": urls.redis}
            if given.secret_key is None:
                os.environ["ROOKERY_SECRET_KEY"] = kept_secret(data)
            if given.public_url is None:
                os.environ["ROOKERY_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
            if given.media_url is None:
                os.environ["ROOKERY_MEDIA_URL"] = media_url
            return await _serve(load_settings(), port, stop, is_up)


@contextmanager
def _media_url(data: Path | None) -> Iterator[str]:
    """The folder of pictures: kept beside the other data, or removed at the end."""
    if data is not None:
        yield media_url_in(data)
        return
    with tempfile.TemporaryDirectory(prefix="rookery-media-", ignore_cleanup_errors=True) as folder:
        yield media_url_in(Path(folder))


async def _serve(settings: Settings, port: int, stop: asyncio.Event, is_up: asyncio.Event) -> int:
    async with open_stores(settings) as stores, AsyncExitStack() as children:
        await _migrate(stores)
        # Before the workers start: demo tweets are of the past, and workers look for new ones.
        if not settings.is_prod:
            await _load_demo(stores, settings)
        workers = await children.enter_async_context(_child("-m", "workers"))
        api = await children.enter_async_context(_child("-m", "uvicorn", "app:app", "--port", str(port)))
        if not await wait_until_listening(port, api):
            raise SystemExit(f"The API does not listen on port {port}.")
        is_up.set()
        _print_addresses(port, settings)
        return await _until_over(stop, workers=workers, api=api)


async def _migrate(stores: Stores) -> None:
    """Both phases at once: no process of an older version runs beside this one."""
    try:
        await prepare_form(stores.mongo, print)
        await finish_form(stores.mongo, stores.redis, print)
    except MigrationError as error:
        raise SystemExit(str(error)) from None


@asynccontextmanager
async def _child(*arguments: str) -> AsyncIterator[Process]:
    """A Python child process that ends with this process, however it ends."""
    child = await start_supervised(sys.executable, *arguments, cwd=Path(__file__).parent)
    try:
        yield child
    finally:
        await stop_supervised(child)


async def _load_demo(stores: Stores, settings: Settings) -> None:
    async with open_services(stores, settings) as services:
        if await demo.is_wanted(services.stores.users):
            print("Loading demo data into the empty database ...", flush=True)
            await demo.load(services)


def _print_addresses(port: int, settings: Settings) -> None:
    print("\n" + "\n".join(start_lines(port, settings)), flush=True)


def start_lines(port: int, settings: Settings) -> list[str]:
    """Addresses and how to sign in; no GraphiQL and no demo account in prod."""
    address, is_prod = f"http://127.0.0.1:{port}", settings.is_prod
    graphiql = [f"GraphiQL      {address}/graphql (in a browser)"]
    mail = [f"mail          {address}/mail (nothing leaves this machine)"] if settings.catches_mail else []
    return [
        f"web page      {address}",
        *([] if is_prod else graphiql),
        f"API           {address}/graphql",
        *(mail if settings.is_mail_on else [MAIL_IS_OFF]),
        *([] if is_prod else [f"demo sign in: handle {demo.HANDLE}, password {demo.PASSWORD}"]),
        "Ctrl-C stops all of it.",
    ]


async def _until_over(stop: asyncio.Event, *, workers: Process, api: Process) -> int:
    """The exit status: 0 after a stop signal, 1 if a child ended by itself."""
    ends = [asyncio.create_task(part) for part in (stop.wait(), workers.wait(), api.wait())]
    _, others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    if stop.is_set():
        print("\nStopping ...", flush=True)
        return 0
    print("A part of Rookery ended by itself; its last lines stand above.", file=sys.stderr)
    return 1


@contextmanager
def own_port(wanted: int) -> Iterator[int]:
    """The wanted port, or the next one that is free; says so.

    A TCP port looks free until the API listens. The UDP port of the same number is bound meanwhile, so that a second
    start at the same moment does not take it. Raises SystemExit if the next _PORTS_TRIED ports are taken too.
    """
    for port in range(wanted, wanted + _PORTS_TRIED):
        with socket.socket(type=socket.SOCK_DGRAM) as twin:
            try:
                twin.bind(("127.0.0.1", free_port(port)))
            except (OSError, OverflowError):
                print(f"Port {port} is taken.", file=sys.stderr)
                continue
            yield port
            return
    raise SystemExit(f"No port from {wanted} to {wanted + _PORTS_TRIED - 1} is free: name another by --port.")


def kept_secret(data: Path | None) -> str:
    """Stored beside the data, so that sessions survive a restart."""
    if data is None:
        return secrets.token_urlsafe(32)
    path = data / "secret.key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)  # not yet there where both stores are somebody else's
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()
