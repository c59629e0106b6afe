"""A check for schemathesis, which by itself takes every GraphQL error for a fault, also one that refuses bad input.

`SCHEMATHESIS_HOOKS=tools.schemathesis_checks st run URL/graphql --checks answers_as_promised`, see docs/security.md.
"""

from typing import Any, Protocol

import schemathesis  # type: ignore[import-not-found, unused-ignore]

from core.errors import ErrorCode

_SERVER_ERROR = 500
_FAULTS = (ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE)


class Response(Protocol):
    status_code: int

    def json(self) -> dict[str, Any]: ...


@schemathesis.check  # type: ignore[untyped-decorator, unused-ignore]
def answers_as_promised(_context: object, response: Response, _case: object) -> None:
    """Every answer is JSON with data or errors; errors have a known code, and none is a fault of the server."""
    answer = response.json()
    codes = [ErrorCode(error["extensions"]["code"]) for error in answer.get("errors", ())]
    if response.status_code >= _SERVER_ERROR or any(code in _FAULTS for code in codes):
        raise AssertionError(f"status {response.status_code}, {codes}")
    if "data" not in answer and not codes:
        raise AssertionError("neither data nor errors")
