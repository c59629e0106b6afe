"""Sessions as they are stored, and what the use of a refresh token changes in one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from core.auth.tokens import REFRESH_LIFETIME
from core.devices import Device
from core.ids import SessionId, UserId
from datastore.mongo.client import Document

_ROTATIONS_KEPT: Final = 16


class SessionRecord(msgspec.Struct, frozen=True):
    """`generation` counts the refresh tokens issued; only the newest is unused.

    `is_unverified`: the user had not verified their address when it was opened, nor since.
    """

    id: SessionId
    user_id: UserId
    device: Device
    created_at: datetime
    last_used_at: datetime
    generation: int
    is_unverified: bool = False


def use_of(generation: int, now: datetime) -> list[Document]:
    """The update by which a session's refresh token of this generation is used; the next one is issued."""
    known: Document = {"$eq": ["$generation", generation]}
    rotations: Document = {"$concatArrays": [{"$ifNull": ["$rotations", []]}, [now]]}
    changed: Document = {
        "rotations": {"$cond": [known, {"$slice": [rotations, -_ROTATIONS_KEPT]}, [now]]},
        "generation": generation + 1,
        "last_used_at": now,
        "expires_at": now + REFRESH_LIFETIME,
    }
    return [{"$set": changed}]


def time_of_use(row: Mapping[str, Any], generation: int) -> datetime | None:
    """When the refresh token of this generation was used; None if never, or many generations ago."""
    age, rotations = row["generation"] - generation, row.get("rotations", ())
    used_at: datetime | None = rotations[-age] if 1 <= age <= len(rotations) else None
    return used_at


def to_session(row: Mapping[str, Any]) -> SessionRecord:
    return SessionRecord(
        SessionId(row["_id"]),
        UserId(row["user"]),
        msgspec.convert(row["device"], Device),
        row["created_at"],
        row["last_used_at"],
        row["generation"],
        row.get("is_unverified", False),
    )
