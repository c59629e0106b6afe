"""Roles of accounts; a document without one is a member's."""

from typing import Any

from core.ids import UserId
from core.roles import Role
from datastore.moderation.log import LogLine, append_to_log
from datastore.moderation.rights import ACTING_ADMIN, lock_roles
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED


class NotAdminError(Exception):
    """The user who was about to change a role is no admin: another one set them back meanwhile."""


class RoleStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._users = mongo, mongo.collection("users")

    async def get(self, user_id: UserId) -> Role:
        """MEMBER for an unknown user too."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id, **NOT_DELETED}, {"role": 1})
        return Role((row or {}).get("role", Role.MEMBER))

    async def set(self, user_id: UserId, role: Role, line: LogLine) -> bool:
        """Writes the line of the log too, if the role changes. False if there is no such account.

        Raises NotAdminError if the actor of the line is an admin no longer.
        """

        async def change(session: Any) -> bool:
            await lock_roles(self._mongo, session)
            if line.actor_id is not None and not await self._is_admin(session, line.actor_id):
                raise NotAdminError
            row = await self._users.find_one({"_id": user_id, **NOT_DELETED}, {"role": 1}, session=session)
            if row is not None and Role(row.get("role", Role.MEMBER)) is not role:
                await self._users.update_one({"_id": user_id}, _change(role), session=session)
                await append_to_log(self._mongo, session, line)
            return row is not None

        with away_as_unavailable():
            return await self._mongo.in_transaction(change, changing=(user_id,))

    async def is_last_admin(self, user_id: UserId) -> bool:
        """Whether nobody else is an admin who can act."""
        others = {"_id": {"$ne": user_id}, **ACTING_ADMIN}
        with away_as_unavailable():
            return await self._users.find_one(others, {"_id": 1}) is None

    async def _is_admin(self, session: Any, user_id: UserId) -> bool:
        query = {"_id": user_id, **ACTING_ADMIN}
        return await self._users.find_one(query, {"_id": 1}, session=session) is not None


def _change(role: Role) -> Document:
    return {"$unset": {"role": 1}} if role is Role.MEMBER else {"$set": {"role": str(role)}}
