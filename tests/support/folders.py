"""The folder of the pictures of a test process, and that of its stores."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a file system of Linux
_LEAST_FREE_BYTES: Final = 4 << 30


@cache
def media_folder() -> Path:
    """One for all tests of this process: ids are never reused."""
    folder = Path(tempfile.mkdtemp(prefix="rookery-media-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def memory_folder() -> Path | None:
    """A folder in memory, where a store waits for no disk at each commit; None where there is none, or too small."""
    if not os.access(_SHARED_MEMORY, os.W_OK) or shutil.disk_usage(_SHARED_MEMORY).free < _LEAST_FREE_BYTES:
        return None
    return _SHARED_MEMORY
