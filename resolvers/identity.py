"""The signed-in viewer, as passed to every use case."""

from dataclasses import dataclass
from datetime import datetime

from core.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class Identity:
    """The viewer behind a valid access token of an existing session."""

    user_id: UserId
    session_id: SessionId
    expires_at: datetime
