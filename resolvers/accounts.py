"""The end of an account."""

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from datastore.jobs import DeleteAccount
from resolvers.jobs import hand_over
from resolvers.services import Services
from resolvers.sessions import Identity, list_sessions


async def delete_account(services: Services, identity: Identity, password: str) -> UserId:
    """Gone for everybody at once; what it wrote is deleted by and by. Raises RefusalError WRONG_CREDENTIALS."""
    account = await services.stores.users.account(identity.user_id)
    if account is None or not await services.passwords.verify(account.password_hash, password):
        raise RefusalError.of(UserErrorCode.WRONG_CREDENTIALS, "The password is wrong.", "password")
    act = DeleteAccount(services.stores.ids(), identity.user_id)
    await services.stores.users.begin_deletion(act)
    sessions = await list_sessions(services, identity)
    await services.stores.sessions.delete(*[session.id for session in sessions])
    await hand_over(services.stores, act)
    return identity.user_id
