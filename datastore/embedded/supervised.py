"""Programs that never outlive this process: a warden ends each of them when the pipe to here closes."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

from datastore.embedded.supervisor import GRACE_SECONDS

WARDEN = Path(__file__).with_name("supervisor.py")
_END_SECONDS = GRACE_SECONDS + 5
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05


async def start_guarded(*command: str, scratch: str = "", **options: Any) -> Process:
    """The warden of it, which leads a group of their own. `options` are those of create_subprocess_exec.

    `scratch`, unless empty, is a folder that the warden removes once this process is gone.
    """
    # -I and -S: the neighbours of supervisor.py must not stand in for modules of the standard library.
    guarded = (sys.executable, "-I", "-S", str(WARDEN), scratch, *command)
    return await asyncio.create_subprocess_exec(*guarded, stdin=PIPE, start_new_session=True, **options)


async def end_guarded(warden: Process) -> None:
    """Returns when it is gone, and its program with it."""
    if warden.stdin is not None:
        warden.stdin.close()
    async with asyncio.timeout(_END_SECONDS):
        await warden.wait()


async def listens(port: int, warden: Process) -> bool:
    """Returns True when its program answers there, False where it ended or did not answer in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while warden.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(_POLL_SECONDS)
                    continue
                writer.close()
                return True
    return False
