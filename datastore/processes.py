"""A store as a child process. It never outlives this process: a warden ends it when the pipe to here closes."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from contextlib import suppress
from pathlib import Path

from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from datastore.programs import EmbeddedStoreError
from datastore.servers import Server
from datastore.warden import GRACE_SECONDS

WARDEN = Path(__file__).with_name("warden.py")
START_SECONDS = 60.0
POLL_SECONDS = 0.02
LOG_TAIL = 2000


class StoreStartError(EmbeddedStoreError):
    """A program ended, or did not answer in time; the text has the end of its log."""


class StoreProcess:
    """One run, or several after each other, of a server on its port and in its folder.

    An ephemeral one is ended by SIGKILL, and its folder removed after it. The file descriptors `held` stay open in
    the warden for as long as it lives.
    """

    def __init__(self, server: Server, *, is_ephemeral: bool, held: tuple[int, ...] = ()) -> None:
        self.server = server
        self.pid = 0
        self._scratch = str(server.folder) if is_ephemeral else ""
        self._held = held
        self._warden: Process | None = None

    @property
    def log(self) -> Path:
        return self.server.folder / "server.log"

    async def start(self) -> None:
        """Returns when the store answers. Raises StoreStartError."""
        self.server.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # -I and -S: the neighbours of warden.py must not stand in for modules of the standard library.
            self._warden = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(WARDEN), self._scratch, *self.server.command),
                stdin=PIPE,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
                pass_fds=self._held,
            )
        try:
            self.pid = await self._until_ready(self._warden)
        except BaseException:
            await self.stop()
            raise

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
        if self._warden is None:
            return
        if self._warden.stdin is not None:
            self._warden.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS + 5):
                await self._warden.wait()
        self.end_remains()
        await self._warden.wait()
        self._warden = None

    def end_remains(self) -> None:
        """Kills what a killed warden has left: it led the process group that the store is in."""
        if self._warden is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._warden.pid, signal.SIGKILL)

    async def _until_ready(self, warden: Process) -> int:
        reason = "no answer"
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while warden.returncode is None:
                    try:
                        if (pid := await self._answering(warden)) is not None:
                            return pid
                    except (OSError, PyMongoError, RedisError) as error:
                        reason = str(error)
                    await asyncio.sleep(POLL_SECONDS)
        raise StoreStartError(
            f"{self.server.title} did not start ({reason}). The end of {self.log}:\n{self._log_tail()}"
        )

    async def _answering(self, warden: Process) -> int | None:
        """The id of our process; None where it is not ready, or where somebody else's, to be left alone, answers."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.close()
        pid = await self.server.answering_pid()
        is_ours = os.getpgid(pid) == warden.pid
        return pid if is_ours and await self.server.make_ready() else None

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:] if self.log.exists() else ""
