"""A store as a supervised child process: started, restarted after a crash, never outliving its parent."""

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
from datastore.embedded.supervised import start_supervised, stop_supervised

START_SECONDS = 60.0
POLL_SECONDS = 0.02
RETRY_SECONDS = 0.2
LOG_TAIL = 2000

log = structlog.get_logger(__name__)


class StoreStartError(EmbeddedStoreError):
    """A program ended, or did not answer in time; the text has the end of its log."""


class StoreProcess:
    """Runs a server, once or several times in a row, on the same port and in the same folder.

    An ephemeral server is ended by SIGKILL and its folder removed. The supervisor keeps the file descriptors
    `inherited` open while it lives. Driver calls are never cancelled here: that can leave their connection open.
    """

    def __init__(self, server: Server, *, is_ephemeral: bool, inherited: tuple[int, ...] = ()) -> None:
        self.server = server
        self.pid = 0
        self._scratch = str(server.folder) if is_ephemeral else ""
        self._inherited = inherited
        self._supervisor: Process | None = None
        self._is_wanted = False

    @property
    def log_file(self) -> Path:
        return self.server.folder / "server.log"

    async def start(self) -> None:
        """Returns when the store answers. Raises StoreStartError."""
        self._is_wanted = True
        await self._run()

    async def keep_alive(self) -> None:
        """Restarts the store whenever it ends, on its port and with its data. Returns after `stop`."""
        while self._is_wanted:
            await self.wait()
            if self._is_wanted:
                await self._restart()

    async def wait(self) -> None:
        """Returns when the store has ended, by itself or not."""
        if self._supervisor is not None:
            await self._supervisor.wait()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the store, not to its supervisor. Does nothing where the store is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def kill(self) -> None:
        """Ends the store by SIGKILL, as a crash would, and keeps its data; returns when it is gone."""
        self.send(signal.SIGKILL)
        await self.wait()

    async def stop(self) -> None:
        """Shuts the store down; returns when it is gone. Idempotent."""
        self._is_wanted = False
        if self._supervisor is not None:
            await _end(self._supervisor)

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
        if self._supervisor is not None:
            await _end(self._supervisor)
        supervisor = self._supervisor = await self._launch()
        try:
            self.pid = await self._until_ready(supervisor)
        except BaseException:
            await _end(supervisor)
            raise

    async def _launch(self) -> Process:
        self.server.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as output:
            return await start_supervised(
                *self.server.command, scratch=self._scratch, stdout=output, stderr=STDOUT, pass_fds=self._inherited
            )

    async def _until_ready(self, supervisor: Process) -> int:
        reason = "no answer"
        clock = asyncio.get_running_loop().time
        deadline = clock() + START_SECONDS
        while self._is_wanted and supervisor.returncode is None and clock() < deadline:
            try:
                if (pid := await self._answering(supervisor)) is not None:
                    return pid
            except (OSError, PyMongoError, RedisError) as error:
                reason = str(error)
            await asyncio.sleep(POLL_SECONDS)
        raise StoreStartError(
            f"{self.server.title} did not start ({reason}). The end of {self.log_file}:\n{self._log_tail()}"
        )

    async def _answering(self, supervisor: Process) -> int | None:
        """The process id of our store; None while it is not ready, or where a foreign process answers at the port."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.close()
        pid = await self.server.answering_pid()
        is_ours = os.getpgid(pid) == supervisor.pid
        return pid if is_ours and await self.server.make_ready() else None

    def _log_tail(self) -> str:
        return self.log_file.read_text(errors="replace")[-LOG_TAIL:] if self.log_file.exists() else ""


async def _end(supervisor: Process) -> None:
    """Ends a supervisor and thereby its store, then kills what a killed supervisor left behind in its group."""
    with suppress(TimeoutError):
        await stop_supervised(supervisor)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(supervisor.pid, signal.SIGKILL)
    await supervisor.wait()
