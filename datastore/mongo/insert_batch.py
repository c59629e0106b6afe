"""Writes of many callers, joined: inserts of one collection share an insert_many.

A caller waits at most 2 ms to be joined by others. A document that is refused refuses none beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, TypeVar, cast

from pymongo.errors import BulkWriteError

from core.errors import UnavailableError
from datastore.mongo.client import DUPLICATE_KEY, Document, away_as_unavailable

Request = TypeVar("Request")
Result = TypeVar("Result")
LONGEST_WAIT_SECONDS: Final = 0.002
_MAX_SIZE = 500
_MAX_BATCHES = 8


class Joined(Generic[Request, Result]):
    """Joins the calls that come while a batch is under way; a call that waited 2 ms begins the next batch.

    At most 8 batches are under way at once, so that a slow database is not asked for more than it can do.
    `execute` returns an outcome for each request, in order, an exception for a failed one; what it raises is raised by
    each call of the batch.
    """

    def __init__(self, execute: Callable[[Sequence[Request]], Awaitable[Sequence[Result | Exception]]]) -> None:
        self._execute = execute
        self._waiting: list[tuple[Request, asyncio.Future[Result]]] = []
        self._batches = set[asyncio.Task[None]]()
        self._timer: asyncio.TimerHandle | None = None

    async def __call__(self, request: Request) -> Result:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((request, outcome))
        if self._timer is None and len(self._batches) < _MAX_BATCHES:
            # Calls of one turn of the loop are joined even where no batch is under way.
            wait_seconds = LONGEST_WAIT_SECONDS if self._batches else 0.0
            self._timer = loop.call_later(wait_seconds, self._begin)
        return await outcome

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and len(self._batches) < _MAX_BATCHES:
            batch, self._waiting = self._waiting[:_MAX_SIZE], self._waiting[_MAX_SIZE:]
            self._batches.add(asyncio.create_task(self._run(batch)))

    async def _run(self, batch: Sequence[tuple[Request, asyncio.Future[Result]]]) -> None:
        try:
            outcomes: Sequence[Result | Exception] = await self._execute([request for request, _ in batch])
        except Exception as error:  # noqa: BLE001 - belongs to the callers
            outcomes = [error] * len(batch)
        finally:
            self._batches.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            _resolve(future, outcome)
        self._begin()


class InsertBatch:
    """Inserts documents; False for one that a unique index refuses, of which there is one already."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection
        self._joined = Joined[Document, bool](self._insert)

    async def __call__(self, document: Document) -> bool:
        """Raises UnavailableError if MongoDB is away, or if the `_id` is another document's."""
        return await self._joined(document)

    async def _insert(self, documents: Sequence[Document]) -> Sequence[bool | Exception]:
        outcomes: list[bool | Exception] = [True] * len(documents)
        with away_as_unavailable():
            try:
                await self._collection.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                for failure in _failures(error):
                    outcomes[failure["index"]] = False if _is_same_act(failure) else UnavailableError("The database")
        return outcomes


def _is_same_act(failure: Document) -> bool:
    """Whether a unique index of ours refused it, rather than a snowflake that was given twice."""
    return "_id" not in (failure.get("keyValue") or {})


def _failures(error: BulkWriteError) -> list[Document]:
    """The refused writes. Raises UnavailableError if a majority did not confirm, the error itself if one failed."""
    details: Any = error.details or {}
    if details.get("writeConcernErrors"):
        raise UnavailableError("The database") from error
    failures: list[Document] = details["writeErrors"]
    if any(failure["code"] != DUPLICATE_KEY for failure in failures):
        raise error
    return failures


def _resolve(future: asyncio.Future[Result], outcome: Result | Exception) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
