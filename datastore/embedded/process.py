"""A store as a child process. It never outlives this process: a warden ends it when the pipe to here closes."""

import asyncio
import os
import signal
from asyncio.subprocess import STDOUT, Process
from contextlib import suppress
from pathlib import Path

import structlog
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from datastore.embedded.programs import EmbeddedStoreError
from datastore.embedded.servers import Server
from datastore.embedded.supervised import end_guarded, start_guarded

START_SECONDS = 60.0
POLL_SECONDS = 0.02
RETRY_SECONDS = 0.2
LOG_TAIL = 2000

log = structlog.get_logger(__name__)


class StoreStartError(EmbeddedStoreError):
    """A program ended, or did not answer in time; the text has the end of its log."""


class StoreProcess:
    """One run, or several after each other, of a server on its port and in its folder.

    An ephemeral one is ended by SIGKILL, and its folder removed after it. The file descriptors `held` stay open in
    the warden for as long as it lives. A driver's call is never cancelled here: that can leave its connection behind.
    """

    def __init__(self, server: Server, *, is_ephemeral: bool, held: tuple[int, ...] = ()) -> None:
        self.server = server
        self.pid = 0
        self._scratch = str(server.folder) if is_ephemeral else ""
        self._held = held
        self._warden: Process | None = None
        self._is_wanted = False

    @property
    def log_file(self) -> Path:
        return self.server.folder / "server.log"

    async def start(self) -> None:
        """Returns when the store answers. Raises StoreStartError."""
        self._is_wanted = True
        await self._run()

    async def keep_alive(self) -> None:
        """Starts it again whenever it ends, on its port and with its data. Returns after `stop`."""
        while self._is_wanted:
            await self.wait()
            if self._is_wanted:
                await self._restart()

    async def wait(self) -> None:
        """Returns when the store has ended, for whatever reason."""
        if self._warden is not None:
            await self._warden.wait()

    async def kill(self) -> None:
        """Ends it as a crash would; returns when it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        await self.wait()

    async def stop(self) -> None:
        """Ends it in order; returns when it is gone. Does nothing where it is gone already."""
        self._is_wanted = False
        if self._warden is not None:
            await _end(self._warden)

    async def _restart(self) -> None:
        log.warning("store_ended", store=self.server.title, port=self.server.port)
        try:
            await self._run()
        except StoreStartError as error:
            log.warning("store_restart_failed", reason=str(error))
            await asyncio.sleep(RETRY_SECONDS)
        else:
            log.warning("store_restarted", store=self.server.title, port=self.server.port)

    async def _run(self) -> None:
        if self._warden is not None:
            await _end(self._warden)
        warden = self._warden = await self._launch()
        try:
            self.pid = await self._until_ready(warden)
        except BaseException:
            await _end(warden)
            raise

    async def _launch(self) -> Process:
        self.server.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as output:
            return await start_guarded(
                *self.server.command, scratch=self._scratch, stdout=output, stderr=STDOUT, pass_fds=self._held
            )

    async def _until_ready(self, warden: Process) -> int:
        reason = "no answer"
        clock = asyncio.get_running_loop().time
        deadline = clock() + START_SECONDS
        while self._is_wanted and warden.returncode is None and clock() < deadline:
            try:
                if (pid := await self._answering(warden)) is not None:
                    return pid
            except (OSError, PyMongoError, RedisError) as error:
                reason = str(error)
            await asyncio.sleep(POLL_SECONDS)
        raise StoreStartError(
            f"{self.server.title} did not start ({reason}). The end of {self.log_file}:\n{self._log_tail()}"
        )

    async def _answering(self, warden: Process) -> int | None:
        """The id of our process; None where it is not ready, or where somebody else's, to be left alone, answers."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.close()
        pid = await self.server.answering_pid()
        is_ours = os.getpgid(pid) == warden.pid
        return pid if is_ours and await self.server.make_ready() else None

    def _log_tail(self) -> str:
        return self.log_file.read_text(errors="replace")[-LOG_TAIL:] if self.log_file.exists() else ""


async def _end(warden: Process) -> None:
    """Ends a warden and thereby its store; then kills what a killed warden left, which is in the group that it led."""
    with suppress(TimeoutError):
        await end_guarded(warden)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(warden.pid, signal.SIGKILL)
    await warden.wait()
