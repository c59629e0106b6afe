"""The folder of the pictures of a test process."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def media_folder() -> Path:
    """One for all tests of this process: ids are never reused."""
    folder = Path(tempfile.mkdtemp(prefix="rookery-media-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
