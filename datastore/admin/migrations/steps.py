"""The steps, by their numbers. A step is never changed once a version with it was in use."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from datastore.mongo.client import Mongo

Program = Callable[[Mongo], Awaitable[None]]


class MigrationStep(NamedTuple):
    """Leads to the form `number`. Each program may be repeated and resumed, and ends when all rows are done.

    `prepare` runs beside processes of the form before, and leaves what they read and write as it is: it adds fields,
    collections and indexes. `finish` runs beside processes of this form only: it converts what the older ones wrote
    since, and removes what they alone needed. None where there is nothing to do.
    """

    number: int
    title: str
    prepare: Program | None = None
    finish: Program | None = None


STEPS: tuple[MigrationStep, ...] = ()
"""From form 2 on. Form 1 is what `prepare` of datastore/admin/backfill.py makes, which every migration runs first."""
