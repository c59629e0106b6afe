"""Global ids: opaque texts of a type and a number or name, and the Node interface."""

from base64 import urlsafe_b64decode
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

import strawberry

from core.errors import BadIdError
from core.global_ids import global_text
from core.ids import MAX_ID
from engine import derived_field


class NodeType(StrEnum):
    """GraphQL types that can be fetched by id."""

    USER = "User"
    TWEET = "Tweet"
    RETWEET = "Retweet"
    SESSION = "Session"
    HASHTAG = "Hashtag"
    CAMPAIGN = "Campaign"
    PROMOTED_TWEET = "PromotedTweet"
    NOTIFICATION = "Notification"
    LIST = "List"
    ACCESS_TOKEN = "AccessToken"  # noqa: S105 - the name of a type
    PUSH_SUBSCRIPTION = "PushSubscription"
    MEDIA = "Media"
    REPORT = "Report"
    DECISION = "Decision"
    FILTER = "Filter"


_DESCRIPTION = "Globally unique and opaque."
_NODE_TYPES = frozenset(NodeType)
_KNOWN_BY_TEXT = frozenset({NodeType.HASHTAG, NodeType.PROMOTED_TWEET})
_LONGEST_NUMBER = len(str(MAX_ID))


@strawberry.interface(description="Any object that can be fetched by its id.")
class Node:
    id: strawberry.ID = strawberry.field(description=_DESCRIPTION)


def id_field(kind: str, path: str) -> strawberry.ID:
    """The id field of a node; `path` leads to its number."""
    number = attrgetter(path)

    def read(self: Node) -> strawberry.ID:
        return global_id(kind, number(self))

    field: strawberry.ID = derived_field(description=_DESCRIPTION)(read)
    return field


def text_id_field(kind: str, path: str) -> strawberry.ID:
    """The id field of a node identified by a text; `path` leads to it."""
    name = attrgetter(path)

    def read(self: Node) -> strawberry.ID:
        return global_name(kind, name(self))

    field: strawberry.ID = derived_field(description=_DESCRIPTION)(read)
    return field


@lru_cache(maxsize=16_384)
def global_id(kind: str, number: int) -> strawberry.ID:
    return global_name(kind, str(number))


def global_name(kind: str, name: str) -> strawberry.ID:
    """Global id of a node identified by a text."""
    return strawberry.ID(global_text(kind, name))


def decode_global_id(text: str) -> tuple[str, str]:
    """Type and name. Raises BadIdError for anything but a global id in its canonical form."""
    kind, _, name = _decode_text(text).partition(":")
    if kind not in _NODE_TYPES or not name or global_name(kind, name) != text:
        raise BadIdError(text)
    if kind not in _KNOWN_BY_TEXT:
        _decode_number(name, text)
    return kind, name


def decode_id(text: str, expected: str) -> int:
    """The number in an id of the expected type. Raises BadIdError for any other id."""
    kind, name = decode_global_id(text)
    if kind != expected:
        raise BadIdError(text, f"is the id of a {kind}, not of a {expected}.")
    return _decode_number(name, text)


def _decode_number(name: str, text: str) -> int:
    """Refuses leading zeros, so that each number has one id."""
    if not (name.isascii() and name.isdigit() and len(name) <= _LONGEST_NUMBER and int(name) <= MAX_ID):
        raise BadIdError(text)
    if str(int(name)) != name:
        raise BadIdError(text)
    return int(name)


def _decode_text(text: str) -> str:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        raise BadIdError(text) from None
