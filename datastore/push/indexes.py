"""Indexes of Web Push; datastore/admin/indexes.py makes them with all others."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from datastore.auth.sessions import PUSH_SUBSCRIPTIONS
from datastore.jobs.pushes import KEPT, PUSHES

PUSH_INDEXES: Final[Mapping[str, list[IndexModel]]] = {
    PUSH_SUBSCRIPTIONS: [IndexModel([("user", ASCENDING), ("_id", DESCENDING)]), IndexModel([("browser", ASCENDING)])],
    PUSHES: [
        IndexModel([("due", ASCENDING)], partialFilterExpression={"due": {"$gt": 0}}),
        IndexModel([("user", ASCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT // timedelta(seconds=1)),
    ],
}
