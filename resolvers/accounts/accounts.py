"""Account deletion."""

from core.ids import UserId
from datastore.jobs.jobs import DeleteAccount
from resolvers.accounts.login_throttle import throttled_attempt
from resolvers.accounts.sessions import check_password
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.services import Services


async def delete_account(services: Services, identity: Identity, password: str, *, address: str) -> UserId:
    """The account disappears at once; its content is deleted by a job.

    Raises RefusalError WRONG_CREDENTIALS, RateLimitedError after too many of them.
    """
    async with throttled_attempt(services, "deleteAccount", str(identity.user_id), address):
        await check_password(services, identity, password, "password", address=address)
    act = DeleteAccount(services.stores.ids(), identity.user_id)
    await services.stores.users.accounts.begin_deletion(act)
    await services.stores.users.access_tokens.delete_of(identity.user_id)
    await try_enqueue(services.stores, act)
    return identity.user_id
