"""Scopes: what a scoped token may do. A session has none and may do everything."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """The order is that in which an error names them: the narrowest first."""

    READ_UNREAD_COUNT = "READ_UNREAD_COUNT"
    READ_NOTIFICATIONS = "READ_NOTIFICATIONS"
    READ = "READ"
    WRITE = "WRITE"


def covering(scope: Scope) -> frozenset[Scope]:
    """The scopes of which each allows what this one allows."""
    return frozenset({scope, Scope.WRITE}) if scope is Scope.READ else frozenset({scope})


def named(scopes: Iterable[Scope]) -> str:
    """For a sentence, such as `READ_NOTIFICATIONS or READ`."""
    wanted = set(scopes)
    return " or ".join(scope for scope in Scope if scope in wanted)
