"""Whether this process is one of several that uvicorn started for one address, and where they count together."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "rookery-metrics-"


def shared_folder() -> Path | None:
    """Where the counts of this process and its siblings lie; None for a process by itself."""
    folder = os.environ.get(_FOLDER)
    return Path(folder) if folder else None


def share_counts() -> None:
    """Has prometheus_client count into files where WEB_CONCURRENCY says that there are several processes.

    The folder is named after their parent; those of parents that are gone are removed.
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
    if folder.stat().st_uid == os.getuid():  # else somebody else made it, and each process counts for itself
        os.environ[_FOLDER] = str(folder)


def forget_process() -> None:
    """Call at the end of the process: what is open in it is open no more, what it counted stays."""
    if (folder := shared_folder()) is not None:
        for file in folder.glob(f"gauge_live*_{os.getpid()}.db"):
            with suppress(OSError):
                file.unlink()


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:  # it is somebody else's
        return True
    return True
