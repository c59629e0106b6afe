"""The signed-in viewer, as passed to every use case."""

from dataclasses import dataclass
from datetime import datetime

from core.auth.scopes import Scope
from core.ids import AccessTokenId, SessionId, UserId


@dataclass(frozen=True, slots=True)
class Grant:
    """The scoped token by which somebody came."""

    token_id: AccessTokenId
    scopes: frozenset[Scope]


NO_SESSION = SessionId(0)


@dataclass(frozen=True, slots=True)
class Identity:
    """The viewer behind a valid access token of an existing session, or behind a scoped token.

    `grant` is None for a session, which may do everything; with a grant `session_id` is NO_SESSION. `is_verified`:
    whether they have verified an e-mail address.
    """

    user_id: UserId
    session_id: SessionId
    expires_at: datetime
    grant: Grant | None = None
    is_verified: bool = True
