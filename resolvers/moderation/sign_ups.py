"""Sign-ups that wait for approval (SIGN_UP=approval): nobody sees them, and they can't sign in."""

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from core.roles import Role
from datastore.jobs.jobs import DeleteAccount
from datastore.moderation.log import LogLine
from datastore.records.users import UserRecord
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.moderation.notes import clean_note
from resolvers.moderation.roles import require_role
from resolvers.pages import Page, check_first, page_of
from resolvers.services import Services


async def waiting_sign_ups(users: UserStores, first: int, after: int | None) -> Page[UserRecord]:
    """Oldest first. The caller checks the role."""
    found = await users.sign_ups.waiting(after, check_first(first) + 1)
    return page_of(found, first, lambda user: user.id, has_previous=after is not None)


async def review_sign_up(
    services: Services, identity: Identity, user_id: UserId, *, is_approved: bool, note: str | None
) -> UserRecord:
    """A refused sign-up is deleted. Raises RefusalError: FORBIDDEN, TOO_LONG, NOT_FOUND unless it waits."""
    await require_role(services.stores.users, identity, Role.MODERATOR)
    action = "APPROVE_SIGN_UP" if is_approved else "REJECT_SIGN_UP"
    line = LogLine(services.stores.ids(), identity.user_id, action, ("User", user_id), clean_note(note))
    act = None if is_approved else DeleteAccount(services.stores.ids(), user_id)
    user = await services.stores.users.sign_ups.decide(user_id, line, act)
    if user is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "Nobody waits under this id.", "userId")
    if act is not None:
        await try_enqueue(services.stores, act)
    return user
