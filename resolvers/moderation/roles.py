"""Rights to decide about others: moderators about members, admins about everybody but themselves."""

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from core.roles import Role
from datastore.moderation.log import LogLine
from datastore.records.users import UserRecord
from datastore.users.roles import NotAdminError
from datastore.users.stores import UserStores
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.visibility import existing_user


async def role_of(users: UserStores, identity: Identity | None) -> Role:
    return Role.MEMBER if identity is None else await users.roles.get(identity.user_id)


async def require_role(users: UserStores, identity: Identity, role: Role) -> Role:
    """The viewer's role. Raises RefusalError FORBIDDEN if it does not include `role`."""
    held = await role_of(users, identity)
    if not held.includes(role):
        raise _needs(role)
    return held


async def require_right_over(users: UserStores, identity: Identity, user_id: UserId | None, *field: str) -> None:
    """Raises RefusalError FORBIDDEN unless the viewer may decide about this person; None: about members."""
    held = await require_role(users, identity, Role.MODERATOR)
    if user_id is None:
        return
    if user_id == identity.user_id:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "Somebody else decides about this.", *field)
    if held is not Role.ADMIN and await users.roles.get(user_id) is not Role.MEMBER:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "Only admins decide about moderators.", *field)


async def set_role(services: Services, identity: Identity, user_id: UserId, role: Role) -> UserRecord:
    """Idempotent. Raises RefusalError: FORBIDDEN for all but admins and for oneself, CONFLICT for the last admin."""
    await require_role(services.stores.users, identity, Role.ADMIN)
    user = await existing_user(services.stores.users, user_id, "userId")
    line = LogLine(services.stores.ids(), identity.user_id, f"SET_ROLE {role}", ("User", user_id))
    if user_id == identity.user_id:
        raise await _own_role(services.stores.users, identity, role)
    try:
        is_set = await services.stores.users.roles.set(user_id, role, line)
    except NotAdminError:
        raise _needs(Role.ADMIN) from None
    if not is_set:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such person.", "userId")
    return user


async def _own_role(users: UserStores, identity: Identity, role: Role) -> RefusalError:
    if role is not Role.ADMIN and await users.roles.is_last_admin(identity.user_id):
        return RefusalError.of(UserErrorCode.CONFLICT, "Without you there would be no admin.", "userId")
    return RefusalError.of(UserErrorCode.FORBIDDEN, "Another admin changes your role.", "userId")


def _needs(role: Role) -> RefusalError:
    return RefusalError.of(UserErrorCode.FORBIDDEN, f"This needs the role {role}.")
