"""A supervised child process that can be stopped, killed and started again."""

import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from datastore.embedded.supervised import start_supervised, stop_supervised

ROOT = Path(__file__).resolve().parents[2]


class ChildProcess:
    """A program that never outlives this process. Its standard error goes to `log`."""

    def __init__(self, *command: str, environment: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._supervisor: Process | None = None

    async def start(self) -> None:
        """Returns at once. Does nothing where the program runs."""
        if self.is_running:
            return
        with self._log.open("ab") as output:
            self._supervisor = await start_supervised(
                *self._command, cwd=ROOT, env=self._environment, stdout=DEVNULL, stderr=output
            )

    @property
    def is_running(self) -> bool:
        return self._supervisor is not None and self._supervisor.returncode is None

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the program and its supervisor, which share a process group."""
        if self._supervisor is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._supervisor.pid, number)

    async def kill(self) -> None:
        """Ends the program by SIGKILL, as a crash would; returns when it is gone."""
        self.send(signal.SIGKILL)
        await self.stop()

    async def stop(self) -> None:
        """Ends the program by SIGTERM, then by SIGKILL; returns when it is gone."""
        if self._supervisor is not None:
            await stop_supervised(self._supervisor)
