"""Rights to decide about others, as they are at the moment of a decision."""

from typing import Any, Final

from core.errors import RookeryError
from core.ids import UserId
from core.moderation import ModerationAction
from core.roles import Role
from datastore.moderation.records import DecisionRecord
from datastore.mongo.client import Document, Mongo
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import NOT_SUSPENDED

ROLE_LOCKS: Final = "role_locks"
ACTING_ADMIN: Final[Document] = {"role": str(Role.ADMIN), **NOT_SUSPENDED, **NOT_DELETED}
"""Filter for admins who can act."""
_ADMINS: Final = {"_id": "admins"}


class NoRightError(RookeryError):
    """The moderator may not decide about this person, or not any more."""


async def lock_roles(mongo: Mongo, session: Any) -> None:
    """Makes the transaction the only one to take a role: two admins could set each other back."""
    await mongo.collection(ROLE_LOCKS).update_one(_ADMINS, {"$inc": {"n": 1}}, upsert=True, session=session)


async def check_rights(mongo: Mongo, session: Any, actor_id: UserId | None, decision: DecisionRecord) -> None:
    """Raises NoRightError unless the actor may decide about the person; None, a filter of the operator, always may."""
    if actor_id is None:
        return
    users = mongo.collection("users")
    person = await users.find_one({"_id": decision.person_id}, {"role": 1}, session=session)
    is_member = person is None or Role(person.get("role", Role.MEMBER)) is Role.MEMBER
    if not is_member and decision.action is ModerationAction.SUSPEND:
        await lock_roles(mongo, session)
    able = {"$in": [str(Role.ADMIN), *([str(Role.MODERATOR)] if is_member else [])]}
    query = {"_id": actor_id, **ACTING_ADMIN, "role": able}
    if actor_id == decision.person_id or await users.find_one(query, {"_id": 1}, session=session) is None:
        raise NoRightError
