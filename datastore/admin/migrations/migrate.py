"""Runs what is missing of the steps, and notes each that is done."""

from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from datastore.admin.backfill import prepare
from datastore.admin.errors import CommandError
from datastore.admin.migrations import steps
from datastore.admin.migrations.steps import MigrationStep
from datastore.jobs.worker_ids import living_processes
from datastore.mongo import form
from datastore.mongo.client import Mongo
from datastore.mongo.form import DatabaseForm, note_form, read_form

Say = Callable[[str], object]


class MigrationError(CommandError):
    """The database cannot be migrated at this moment; the text says why, and what to do."""


async def prepare_form(mongo: Mongo, say: Say) -> None:
    """The first phase, beside processes of the version before; safe to repeat."""
    found = await read_form(mongo)
    _ensure_known(found)
    await prepare(mongo)
    for step in _after(found.prepared):
        if step.prepare is not None:
            say(f"step {step.number}, prepared: {step.title}")
            await step.prepare(mongo)
        await note_form(mongo, prepared=step.number)


async def finish_form(mongo: Mongo, redis: Redis, say: Say) -> None:
    """The second phase, once all processes are of this version; safe to repeat. Raises MigrationError before.

    It prepares once more, for derived fields of what the version before wrote between the phases.
    """
    found = await read_form(mongo)
    _ensure_known(found)
    if found.prepared < form.FORM:
        raise MigrationError("Run `python -m datastore migrate` first, and replace all processes by new ones.")
    older = await living_processes(redis, before_form=form.FORM)
    if older:
        raise MigrationError(
            f"{older} processes of an older version run on these stores. End them, or let them be replaced, and repeat."
        )
    await prepare(mongo)
    for step in _after(found.finished):
        if step.finish is not None:
            say(f"step {step.number}, finished: {step.title}")
            await step.finish(mongo)
        await note_form(mongo, finished=step.number)


async def status(mongo: Mongo) -> str:
    """A line that says how far the database is, and what to do next."""
    found = await read_form(mongo)
    _ensure_known(found)
    said = f"The database is prepared for form {found.prepared} and finished for form {found.finished}"
    if found.prepared < form.FORM:
        return f"{said}; this version needs {form.FORM}: run `python -m datastore migrate`, then replace all processes."
    if found.finished < form.FORM:
        return f"{said}; once all processes are of this version run `python -m datastore migrate --finish`."
    return f"{said}, that of this version: there is nothing to do."


def _ensure_known(found: DatabaseForm) -> None:
    if max(found) > form.FORM:
        raise MigrationError(
            f"The database has form {max(found)}, newer than the {form.FORM} of this version. Nothing was changed."
        )


def _after(number: int) -> Sequence[MigrationStep]:
    return [step for step in steps.STEPS if step.number > number]
