"""Forks worker processes for tests that kill them: `python -m workers NAME...` without the time for its imports.

`python -m tests.support.processes.forked_workers NAME...` imports once. For each line on standard
input it forks a process and prints its id. When standard input closes it terminates them, and ends when they have.
"""

import os
import runpy
import signal
import sys
from contextlib import suppress

import workers.__main__ as _imported_once  # noqa: F401


def fork_worker() -> int:
    """Returns the id of a new worker process."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin.close()
        runpy.run_module("workers", run_name="__main__")
        os._exit(0)
    return child


def run() -> None:
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed children need no wait
    for _ in sys.stdin:
        print(fork_worker(), flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    with suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    run()
