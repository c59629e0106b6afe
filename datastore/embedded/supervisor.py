"""Runs one command and ends it when standard input closes, which it does however the parent ends: also by SIGKILL.

A program of its own (`python -I warden.py SCRATCH COMMAND...`), on the standard library alone, so that it starts fast.
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
    """The exit status of the command. SCRATCH, unless empty, is a folder to remove once the parent is gone."""
    wakeups, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # preexec_fn is unsafe beside threads only, and there are none here.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_warden) as child:  # noqa: PLW1509
        while child.poll() is None:
            readable, _, _ = select.select([sys.stdin, wakeups], [], [])
            if sys.stdin in readable:
                _end(child, at_once=scratch != "")
                _remove(scratch)
            else:
                # A child that was stopped or continued signals too.
                os.read(wakeups, 1)
        return child.returncode


def _die_with_warden() -> None:
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
