"""Mutation payloads: a refusal becomes userErrors, anything else is raised or presented."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import strawberry

from core import errors
from core.errors import RefusalError, UnavailableError, UserErrorCode
from schema.request.context import Info
from schema.values.payloads import DeletePayload, UserError, mutation_payload


class Acting:
    """A request that counts how often its cached rows are dropped, and an act with a fixed outcome."""

    def __init__(self, outcome: int | Exception) -> None:
        self.forgotten, self._outcome = 0, outcome

    async def payload(self) -> DeletePayload:
        info = cast(Info, SimpleNamespace(context=SimpleNamespace(forget=self._forget)))
        return await mutation_payload(info, self._act(), _present, DeletePayload)

    def _forget(self) -> None:
        self.forgotten += 1

    async def _act(self) -> int:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def _present(number: Any) -> DeletePayload:
    return DeletePayload(deleted_id=strawberry.ID(str(number)))


async def test_a_result_is_presented_after_cached_rows_are_dropped() -> None:
    acting = Acting(7)
    assert await acting.payload() == DeletePayload(deleted_id=strawberry.ID("7"), user_errors=[])
    assert acting.forgotten == 1


async def test_a_refusal_becomes_errors_with_their_fields_outermost_first() -> None:
    acting = Acting(RefusalError(errors.UserError(UserErrorCode.INVALID, "No.", ("input", "text"))))
    expected = UserError(code=UserErrorCode.INVALID, message="No.", field=["input", "text"])
    assert await acting.payload() == DeletePayload(deleted_id=None, user_errors=[expected])
    assert acting.forgotten == 0


async def test_other_errors_are_raised() -> None:
    with pytest.raises(UnavailableError):
        await Acting(UnavailableError("MongoDB")).payload()
