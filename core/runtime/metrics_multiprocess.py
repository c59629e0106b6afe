"""Shared metrics of the processes that uvicorn started for one address: the folder into which they count together."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "rookery-metrics-"


def shared_folder() -> Path | None:
    """The metrics folder of this process and its siblings; None for a single process."""
    folder = os.environ.get(_FOLDER)
    return Path(folder) if folder else None


def share_counts() -> None:
    """Makes prometheus_client count into files if WEB_CONCURRENCY names several processes.

    The folder is named after their parent; folders of ended parents are removed.
    """
    number = os.environ.get("WEB_CONCURRENCY", "")
    if not number.isdigit() or int(number) < 2 or _FOLDER in os.environ:  # noqa: PLR2004 - several
        return
    parents = Path(tempfile.gettempdir())
    for folder in parents.glob(f"{_PREFIX}*"):
        if not _is_running(folder.name.removeprefix(_PREFIX)):
            shutil.rmtree(folder, ignore_errors=True)
    folder = parents / f"{_PREFIX}{os.getppid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid == os.getuid():  # another user's folder is not used: each process counts for itself
        os.environ[_FOLDER] = str(folder)


def forget_process() -> None:
    """Call at the end of the process: removes its live gauges (open things), keeps its counters."""
    if (folder := shared_folder()) is not None:
        for file in folder.glob(f"gauge_live*_{os.getpid()}.db"):
            with suppress(OSError):
                file.unlink()


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:  # the process belongs to another user
        return True
    return True
