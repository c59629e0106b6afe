"""Why an operation is left to graphql-core."""

from enum import StrEnum


class Refusal(StrEnum):
    INTROSPECTION = "introspection"
    INCREMENTAL = "incremental"
    DIRECTIVE = "directive"
    SIZE = "size"
    SWITCH = "switch"
    FIELD = "field"


class UncompiledError(Exception):
    """This operation is for graphql-core."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
