"""Runs a command on open stores: its exit status, the errors that operators are told, and progress bars."""

import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvloop
from pymongo.errors import OperationFailure
from tqdm import tqdm

from core.errors import UnavailableError
from core.runtime.logs import set_up_logs
from core.settings import Settings, load_settings
from datastore.admin.errors import CommandError
from datastore.health import explained
from datastore.mongo.form import UnfitFormError

FAILED: Final = 2
_EXPECTED: Final = (CommandError, UnavailableError, UnfitFormError, OperationFailure, OSError)
_STOPPED: Final = 130
# An index of a large collection takes hours.
INDEX_SECONDS: Final = 24 * 3600.0


def run_command(command: Callable[[Settings], Coroutine[Any, Any, int]]) -> int:
    """The exit status. Expected errors are printed, each text once."""
    settings = load_settings()
    set_up_logs(as_json=settings.is_prod)
    status = FAILED
    try:
        status = uvloop.run(command(settings))
    except* _EXPECTED as errors:
        for text in sorted({_text(error, settings) for error in _leaves(errors)}):
            tqdm.write(text, file=sys.stderr)
    except* KeyboardInterrupt:
        tqdm.write("Stopped; the same command goes on from there.", file=sys.stderr)
        status = _STOPPED
    return status


@contextmanager
def bar(phase: str, total: int | None) -> Iterator[Callable[[int], object]]:
    with tqdm(total=total, desc=phase, unit="") as shown:
        yield shown.update


def _text(error: BaseException, settings: Settings) -> str:
    return explained(error, settings) if isinstance(error, UnavailableError) else str(error)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _leaves(inner)
