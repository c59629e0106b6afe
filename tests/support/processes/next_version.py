"""The code of the version after this one: the same with one more migration. `app` is its API.

`python -m tests.support.processes.next_version ROOM ...` runs `workers` or `datastore` of it. Only its own processes
import it: it changes what it imports.
"""

import sys

from datastore.admin.migrations import steps
from datastore.admin.migrations.steps import MigrationStep
from datastore.mongo import form
from datastore.mongo.client import Mongo
from tests.support.processes.versions import FIELD


async def _mark_all(mongo: Mongo) -> None:
    """Sets a field of all tweets. It is done in both phases: old processes post without it until they end."""
    await mongo.collection("tweets").update_many({FIELD: {"$exists": False}}, {"$set": {FIELD: True}})


async def _prepare(mongo: Mongo) -> None:
    await mongo.collection("tweets").create_index(FIELD)
    await _mark_all(mongo)


form.FORM += 1
steps.STEPS += (MigrationStep(form.FORM, "a field of tweets", _prepare, _mark_all),)

if __name__ == "__main__":
    from datastore.__main__ import main as datastore
    from workers.__main__ import main as workers

    sys.exit({"datastore": datastore, "workers": workers}[sys.argv[1]](sys.argv[2:]))
else:
    from app import app

    __all__ = ["app"]
