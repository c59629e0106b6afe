"""Marks of acts that counts leave out while somebody is suspended; see datastore/moderation/left_out_acts.py."""

from typing import Any, Final

BY_SUSPENDED: Final = "by_suspended"
"""Field of a like, a follow, a tweet or a retweet whose actor is suspended."""
OF_SUSPENDED: Final = "of_suspended"
"""Field of a follow whose followee is suspended."""
NOT_BY_SUSPENDED: Final[dict[str, Any]] = {BY_SUSPENDED: {"$exists": False}}
NOT_OF_SUSPENDED: Final[dict[str, Any]] = {OF_SUSPENDED: {"$exists": False}}
