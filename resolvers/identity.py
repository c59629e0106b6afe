"""The signed-in person, as every use case takes them."""

from dataclasses import dataclass
from datetime import datetime

from core.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, by a valid access token of a session that stands."""

    user_id: UserId
    session_id: SessionId
    expires_at: datetime
