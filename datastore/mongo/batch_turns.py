"""Turns of batches: those of one process that change many documents of a collection run one at a time."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Final

from core.keyed_locks import KeyedLock

_LONGEST_WAIT_SECONDS: Final = 0.5
_WITHOUT_TURNS_SECONDS: Final = 10.0


class BatchTurns:
    """Two transactions that met in one of hundreds of documents would be aborted, and read all of them again.

    A batch that fails, or takes half a second, may be held up by a lock of another process: then batches take no
    turns for ten seconds, so that it holds up no others.
    """

    def __init__(self) -> None:
        self._turns, self._resumed_at = KeyedLock[str](), 0.0

    @asynccontextmanager
    async def over(self, *collections: str) -> AsyncIterator[None]:
        """Waits for its turn in each of the collections."""
        async with AsyncExitStack() as turn:
            if monotonic() >= self._resumed_at:
                try:
                    await turn.enter_async_context(self._turns.hold(collections, _LONGEST_WAIT_SECONDS))
                except TimeoutError:
                    self._suspend()
            try:
                yield
            except Exception:
                self._suspend()
                raise

    def _suspend(self) -> None:
        self._resumed_at = monotonic() + _WITHOUT_TURNS_SECONDS
