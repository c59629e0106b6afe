"""Documents of acts that are their own outbox: what is left to be done after an act stands in fields of its document.

`uncounted`, `uncounted_users`: increments that are not added yet (datastore/counts/increments.py). `untold`: the id of
the act, while its notifications are not made. `unmerged`: ids of acts that the home timeline of `reader` does not
follow yet, oldest first. An act that is undone loses its document; what is left to be done then stands in a document
of `undone_acts`, whose `act` is the act and whose id is that of the undoing.
"""

from collections.abc import Sequence
from typing import Any, Final

from datastore.mongo.client import Document, Mongo

UNDONE: Final = "undone_acts"
LEFT_TO_DO: Final = ("uncounted", "uncounted_users", "untold", "unmerged")
# A list is empty where the increments of two targets were taken off one beside the other.
_FINISHED: Final[Document] = {field: {"$in": [None, []]} for field in LEFT_TO_DO}


async def delete_finished(mongo: Mongo, undone: Sequence[Any], session: Any = None) -> None:
    """Deletes those documents of undone acts, by id, that have nothing left to be done."""
    if undone:
        await mongo.collection(UNDONE).delete_many({"_id": {"$in": list(undone)}, **_FINISHED}, session=session)
