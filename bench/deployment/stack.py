"""The complete service: real stores, an API process, a worker process. Nothing outlives the benchmark."""

import asyncio
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple

from pydantic import SecretStr

from bench.harness.cpu import pinned
from core.limits import limit_text
from core.network.smtp_url import OFF
from core.settings import Settings, Switch
from datastore.admin.indexes import make_indexes
from datastore.embedded.stores import embedded_stores, free_port
from datastore.embedded.supervised import start_supervised, stop_supervised, wait_until_listening
from datastore.stores import open_stores

ROOT = Path(__file__).resolve().parents[2]


# The load comes from few people, who are new, and from one address.
NO_ACT_LIMITS: dict[str, Any] = dict.fromkeys([name for name in Settings.model_fields if name.startswith("limit_")])


class Placement(NamedTuple):
    """`core` None is any core; standard error goes to `log`, or to that of this process."""

    core: int | None = None
    log: IO[bytes] | None = None


_ANYWHERE = Placement()


@dataclass(frozen=True, slots=True)
class Stack:
    """`url` is the API's; `settings` name the stores."""

    url: str
    settings: Settings

    async def run(self, *words: str) -> str:
        """Runs a Python command on the stores and returns its output. Raises RuntimeError where it fails."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, env=stack_environment(self.settings), stdout=PIPE
        )
        printed, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
        return printed.decode()


@asynccontextmanager
async def running_stack(*workers: str, rate_limit: Switch = Switch.OFF) -> AsyncIterator[Stack]:
    """Runs all workers, or those named."""
    async with (
        running_stores(rate_limit) as settings,
        running_workers(settings, *workers),
        running_api(settings) as url,
    ):
        yield Stack(url, settings)


@asynccontextmanager
async def running_stores(rate_limit: Switch = Switch.OFF) -> AsyncIterator[Settings]:
    """Runs the stores alone, with indexes; the settings name them, and a folder for pictures."""
    with TemporaryDirectory(prefix="rookery-bench-") as folder:
        async with embedded_stores(None) as urls:
            settings = Settings(
                mongo_url=urls.mongo,
                redis_url=urls.redis,
                media_url=Path(folder).as_uri(),
                secret_key=SecretStr(secrets.token_urlsafe(32)),
                rate_limit=rate_limit,
                smtp_url=SecretStr(OFF),
                **NO_ACT_LIMITS,
            )
            async with open_stores(settings) as stores:
                await make_indexes(stores.mongo)
            yield settings


def running_workers(settings: Settings, *workers: str) -> AbstractAsyncContextManager[Process]:
    """All workers, or those named, in one process."""
    return _child(settings, "-m", "workers", *workers)


@asynccontextmanager
async def running_api(settings: Settings, place: Placement = _ANYWHERE) -> AsyncIterator[str]:
    """Starts one more API process; the context is its URL."""
    port = free_port()
    words = ("-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning")
    async with _child(settings, *words, place=place) as api:
        await until_listening(port, api)
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running_program(
    *command: str, environment: Mapping[str, str], place: Placement = _ANYWHERE, folder: Path = ROOT
) -> AsyncIterator[Process]:
    """A program that never outlives this process."""
    with pinned(place.core):
        child = await start_supervised(*command, cwd=folder, env=environment, stdout=DEVNULL, stderr=place.log)
    try:
        yield child
    finally:
        await stop_supervised(child)


def _child(settings: Settings, *words: str, place: Placement = _ANYWHERE) -> AbstractAsyncContextManager[Process]:
    return running_program(sys.executable, *words, environment=stack_environment(settings), place=place)


def stack_environment(settings: Settings) -> Mapping[str, str]:
    """The environment of a process of Rookery on these stores."""
    ours = {
        "ROOKERY_MONGO_URL": settings.mongo_url or "",
        "ROOKERY_REDIS_URL": settings.redis_url or "",
        "ROOKERY_SECRET_KEY": settings.secret_key.get_secret_value() if settings.secret_key else "",
        "ROOKERY_RATE_LIMIT": settings.rate_limit.value,
        **{f"ROOKERY_{name.upper()}": limit_text(getattr(settings, name)) for name in NO_ACT_LIMITS},
        "ROOKERY_ENGINE": settings.engine.value,
        **({"ROOKERY_MEDIA_URL": settings.media_url} if settings.media_url else {}),
        "ROOKERY_AD_SPACING": str(settings.ad_spacing),
        "ROOKERY_SMTP_URL": settings.smtp_url.get_secret_value() if settings.smtp_url else OFF,
        "ROOKERY_VERIFY_EMAIL": settings.verify_email.value if settings.verify_email else "",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")} | ours


async def until_listening(port: int, process: Process) -> None:
    """Returns when the process accepts connections at the port. Raises RuntimeError where it does not."""
    if not await wait_until_listening(port, process):
        raise RuntimeError("a server does not answer; its log says why")
