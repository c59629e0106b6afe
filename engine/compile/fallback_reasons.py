"""Fallback reasons: why an operation is left to graphql-core."""

from enum import StrEnum


class FallbackReason(StrEnum):
    INTROSPECTION = "introspection"
    INCREMENTAL = "incremental"
    DIRECTIVE = "directive"
    SIZE = "size"
    SWITCH = "switch"
    FIELD = "field"


class FallbackError(Exception):
    """The operation must be executed by graphql-core."""

    def __init__(self, reason: FallbackReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
