"""Turns of batches: those of one process that change many documents of a collection run one at a time."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from core.keyed_locks import KeyedLock

_LONGEST_WAIT_SECONDS: Final = 0.5


class BatchTurns:
    """Two transactions that met in one of hundreds of documents would be aborted, and read all of them again.

    A batch that waited half a second goes on beside the others: one that is held up holds up no others.
    """

    def __init__(self) -> None:
        self._turns = KeyedLock[str]()

    @asynccontextmanager
    async def over(self, *collections: str) -> AsyncIterator[None]:
        """Waits for its turn in each of the collections."""
        async with AsyncExitStack() as turn:
            with suppress(TimeoutError):
                await turn.enter_async_context(self._turns.hold(collections, _LONGEST_WAIT_SECONDS))
            yield
