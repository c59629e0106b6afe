"""Forks worker processes to be killed: `python -m workers NAME...` without the second that its imports take.

`python -m tests.support.nursery NAME...` imports them once. For each line on its standard input it forks another
process and prints its id. When its standard input closes it asks them to end, and ends after them.
"""

import os
import runpy
import signal
import sys
from contextlib import suppress

import workers.__main__ as _imported_once  # noqa: F401


def make_process() -> int:
    """The id of one that works."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin.close()
        runpy.run_module("workers", run_name="__main__")
        os._exit(0)
    return child


def run() -> None:
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    for _ in sys.stdin:
        print(make_process(), flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    with suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    run()
