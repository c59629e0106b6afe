"""The form of the database: the number of its newest migration. A process starts on forms that it knows only.

The first phase of a migration prepares the database for new processes, beside which old ones go on. The second finishes
it, once none of them runs: old processes would not do right on what it leaves.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

import structlog

from core.errors import UnavailableError
from core.runtime.tasks import not_cancelled
from datastore.mongo.client import Document, Mongo, away_as_unavailable

FORM = 1
"""The form that this code knows: the number of the last of datastore/admin/migrations/steps.py."""
FIRST_FORM: Final = 1
DATABASE_FORM: Final = "database_form"
"""Collection of one row. A database without it has the first form."""
LOOK_SECONDS: Final = 30.0
_ROW: Final = {"_id": "form"}
_log = structlog.get_logger()


class UnfitFormError(Exception):
    """The text says which of the two is too old, and what to do."""


class DatabaseForm(NamedTuple):
    """The newest migration whose first phase is done, and the newest whose second phase is."""

    prepared: int
    finished: int


async def read_form(mongo: Mongo) -> DatabaseForm:
    """A database without people is given the form of this code: it has nothing to migrate. Raises UnavailableError."""
    rows = mongo.collection(DATABASE_FORM)
    with away_as_unavailable():
        row = await rows.find_one(_ROW)
        if row is None and FORM > FIRST_FORM and await mongo.collection("users").find_one({}, {"_id": 1}) is None:
            given = {"$setOnInsert": {"prepared": FORM, "finished": FORM}}
            await rows.update_one(_ROW, given, upsert=True)
            row = await rows.find_one(_ROW)
    return DatabaseForm(FIRST_FORM, FIRST_FORM) if row is None else DatabaseForm(row["prepared"], row["finished"])


async def note_form(mongo: Mongo, **phases: int) -> None:
    """Raises `prepared` or `finished`; never lowers them."""
    first: Document = {name: FIRST_FORM for name in ("prepared", "finished") if name not in phases}
    with away_as_unavailable():
        await mongo.collection(DATABASE_FORM).update_one(_ROW, {"$max": phases, "$setOnInsert": first}, upsert=True)


async def ensure_fit(mongo: Mongo) -> None:
    """Raises UnfitFormError where this code must not run on the database, UnavailableError where it does not answer."""
    found = await read_form(mongo)
    if found.prepared < FORM:
        raise UnfitFormError(
            f"The database has form {found.prepared}, and this version needs form {FORM}. Run `python -m datastore"
            " migrate` first; older versions may go on beside it."
        )
    if found.finished > FORM:
        raise UnfitFormError(
            f"The database was migrated to form {found.finished}, and this version knows forms up to {FORM}. Start a"
            " newer version, or restore a backup of before."
        )


@asynccontextmanager
async def on_fit_form(mongo: Mongo, end: Callable[[], object]) -> AsyncIterator[None]:
    """Raises UnfitFormError as `ensure_fit` does, and later calls `end` once the database does not suit any more.

    A process that begins while MongoDB is away learns it in the same way.
    """
    with suppress(UnavailableError):
        await ensure_fit(mongo)
    looking = asyncio.create_task(_look_until_unfit(mongo, end))
    try:
        yield
    finally:
        looking.cancel()


async def _look_until_unfit(mongo: Mongo, end: Callable[[], object]) -> None:
    while not_cancelled():
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await ensure_fit(mongo)
        except UnavailableError:
            continue
        except UnfitFormError as error:
            _log.warning("this process ends", reason=str(error))
            end()
            return
