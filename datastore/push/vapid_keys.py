"""The pair of keys by which the installation signs to push services: made as it is first asked for, and kept.

Browsers subscribe for its public key. With another pair they have to subscribe anew, so it changes only if an operator
changes it.
"""

from typing import Final

from core.auth.tokens import utc_now
from core.push.keys import VapidKeys, new_vapid_keys, parse_vapid_keys
from datastore.mongo.client import Mongo, away_as_unavailable

VAPID_KEYS: Final = "vapid_keys"
"""Collection of one row."""
_ROW: Final = {"_id": "vapid"}


class VapidKeyStore:
    """`given`: the private key of the settings, which goes before the stored one."""

    def __init__(self, mongo: Mongo, given: str | None) -> None:
        self._rows = mongo.collection(VAPID_KEYS)
        self._known = None if given is None else parse_vapid_keys(given)

    async def get(self) -> VapidKeys:
        """All processes get the same pair, also those that ask first at one time."""
        if self._known is None:
            made = {"private": new_vapid_keys().private_text, "created_at": utc_now()}
            with away_as_unavailable():
                row = await self._rows.find_one(_ROW)
                if row is None:
                    await self._rows.update_one(_ROW, {"$setOnInsert": made}, upsert=True)
                    row = await self._rows.find_one(_ROW)
            self._known = parse_vapid_keys(row["private"])
        return self._known
