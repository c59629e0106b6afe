"""Credentials: what a client presents is the access token of a session or a scoped token."""

from core.auth.scoped_tokens import read_secret
from datastore.redis import keys
from datastore.users.stores import UserStores
from resolvers.accounts.access_tokens import TokenCheck
from resolvers.accounts.sessions import SessionCheck
from resolvers.identity import Identity
from resolvers.services import Services


def begin_check(services: Services, presented: str, origin: str | None) -> SessionCheck | TokenCheck:
    """Begins the lookup for a request with this Origin header. Raises UnauthenticatedError for an invalid token."""
    secret = read_secret(presented)
    return SessionCheck(services, presented) if secret is None else TokenCheck(services, secret, origin)


async def authenticate(services: Services, presented: str, origin: str | None) -> Identity:
    """Raises UnauthenticatedError if it is invalid or has ended, FORBIDDEN for a token of another origin."""
    return await begin_check(services, presented, origin).identity()


async def still_stands(users: UserStores, identity: Identity) -> bool:
    """Whether the session, or the token, has not ended."""
    if identity.grant is None:
        return await users.sessions.get(identity.session_id) is not None
    return await users.access_tokens.get(identity.grant.token_id) is not None


def end_channel(identity: Identity) -> str:
    """The pub/sub channel that is notified when the session, or the token, ends."""
    if identity.grant is None:
        return keys.session_channel(identity.session_id)
    return keys.access_token_channel(identity.grant.token_id)
