"""Supervisor process: runs one command and ends it when standard input closes.

The pipe closes however the parent ends, by SIGKILL too. A program of its own
(`python -I supervisor.py SCRATCH COMMAND...`) that imports the standard library alone, so that it starts fast.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 20.0


def main(scratch: str, *command: str) -> int:
    """Returns the command's exit status. `scratch`, unless empty, is a folder to remove once the parent is gone."""
    wakeups, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # preexec_fn is unsafe only beside threads, and this process has none.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_supervisor) as child:  # noqa: PLW1509
        while child.poll() is None:
            readable, _, _ = select.select([sys.stdin, wakeups], [], [])
            if sys.stdin in readable:
                _end(child, at_once=scratch != "")
                _remove(scratch)
            else:
                # SIGCHLD also comes when a child is stopped or continued.
                os.read(wakeups, 1)
        return child.returncode


def _die_with_supervisor() -> None:
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes], *, at_once: bool) -> None:
    if not at_once:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    child.kill()
    child.wait()


def _remove(scratch: str) -> None:
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):
            Path(scratch).parent.rmdir()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
