"""Child programs that never outlive this process: a supervisor process ends each when the pipe from here closes."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

from datastore.embedded.supervisor import GRACE_SECONDS

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_END_SECONDS = GRACE_SECONDS + 5
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05


async def start_supervised(*command: str, scratch: str = "", **options: Any) -> Process:
    """Returns the supervisor process, which leads a process group of its own with the command in it.

    `options` are those of create_subprocess_exec. `scratch`, unless empty, is a folder that the supervisor removes
    once this process is gone.
    """
    # -I and -S: the neighbours of supervisor.py must not stand in for modules of the standard library.
    supervised = (sys.executable, "-I", "-S", str(_SUPERVISOR), scratch, *command)
    return await asyncio.create_subprocess_exec(*supervised, stdin=PIPE, start_new_session=True, **options)


async def stop_supervised(supervisor: Process) -> None:
    """Returns when the supervisor and its program are gone. Raises TimeoutError where they outlast the grace period."""
    if supervisor.stdin is not None:
        supervisor.stdin.close()
    async with asyncio.timeout(_END_SECONDS):
        await supervisor.wait()


async def wait_until_listening(port: int, supervisor: Process) -> bool:
    """True when the program accepts connections at the port, False where it ended or did not within a minute."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while supervisor.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(_POLL_SECONDS)
                    continue
                writer.close()
                return True
    return False
