"""API processes that tests kill; each is started again on its port."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from core.limits import limit_text
from core.settings import Settings
from datastore.embedded.stores import free_port
from tests.support.service import NO_ACT_LIMITS
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60.0


class ApiProcesses:
    """Several API processes on fixed ports; a killed one is started again."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._settings = settings
        self._ports = [free_port() for _ in range(count)]
        self._running: dict[int, Process] = {}
        self._restarts: set[asyncio.Task[None]] = set()

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self._ports]

    async def start(self) -> None:
        await asyncio.gather(*map(self._start, self._ports))

    async def kill(self, which: int) -> None:
        """Kills a process by SIGKILL, after the others have restarted, so that one always serves."""
        await self.restarted()
        port = self._ports[which % len(self._ports)]
        self._running[port].kill()
        await self._running[port].wait()
        restart = asyncio.create_task(self._start(port))
        self._restarts.add(restart)
        restart.add_done_callback(self._restarts.discard)

    async def restarted(self) -> None:
        """Returns when all that were killed serve again."""
        await asyncio.gather(*self._restarts)

    async def stop(self) -> None:
        await self.restarted()
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self, port: int) -> None:
        words = ("-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "error")
        self._running[port] = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, env=environment_of(self._settings), stdout=DEVNULL, stderr=DEVNULL
        )
        await eventually(lambda: _answers(port), within=START_SECONDS)


@asynccontextmanager
async def api_processes(settings: Settings, count: int) -> AsyncIterator[ApiProcesses]:
    processes = ApiProcesses(settings, count)
    try:
        await processes.start()
        yield processes
    finally:
        await processes.stop()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def environment_of(settings: Settings) -> dict[str, str]:
    secret, mail = settings.secret_key, settings.smtp_url
    ours = {
        "ROOKERY_MONGO_URL": settings.mongo_url or "",
        "ROOKERY_REDIS_URL": settings.redis_url or "",
        "ROOKERY_SECRET_KEY": secret.get_secret_value() if secret else "",
        # As of the tests' workers: a mail that they do not send would remain in the outbox.
        "ROOKERY_SMTP_URL": mail.get_secret_value() if mail else "",
        "ROOKERY_MEDIA_URL": settings.media_url or "",
        "ROOKERY_RATE_LIMIT": settings.rate_limit.value,
        **{f"ROOKERY_{name.upper()}": limit_text(getattr(settings, name)) for name in NO_ACT_LIMITS},
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")} | ours
