"""Validation of mutation inputs: all fields are checked, and all errors reported, before anything is written."""

from collections.abc import Callable
from datetime import date

from core.auth.tokens import utc_now
from core.errors import RefusalError, UserError, UserErrorCode
from core.text.text import TextError

_EARLIEST_BIRTH = date(1900, 1, 1)
_SHORTEST_KEY, _LONGEST_KEY = 1, 128


class InputErrors:
    """Collects errors; `raise_if_any` raises them as one RefusalError. Field paths begin with `input`."""

    def __init__(self) -> None:
        self._errors: list[UserError] = []

    def clean(self, field: str, cleaner: Callable[[str], str], value: str) -> str:
        """The value as it is to be stored; "" if `cleaner` raises TextError, which is collected."""
        try:
            return cleaner(value)
        except TextError as error:
            self.add(field, UserErrorCode(error.code), error.message)
            return ""

    def check_birth_date(self, field: str, born: date | None, minimum_age: int) -> None:
        """The answer to somebody who is too young names no age."""
        today = utc_now().date()
        if born is None:
            return
        if not _EARLIEST_BIRTH <= born <= today:
            self.add(field, UserErrorCode.INVALID, f"The date lies between {_EARLIEST_BIRTH} and today.")
        elif age_on(today, born) < minimum_age:
            self.add(field, UserErrorCode.INVALID, "An account can't be made with this date of birth.")

    def check_key(self, field: str, key: str | None) -> None:
        if key is not None and not (_SHORTEST_KEY <= len(key) <= _LONGEST_KEY and key.isprintable()):
            self.add(field, UserErrorCode.INVALID, f"The key has 1 to {_LONGEST_KEY} printable characters.")

    def add(self, field: str, code: UserErrorCode, message: str) -> None:
        self._errors.append(UserError(code, message, ("input", field)))

    def raise_if_any(self) -> None:
        if self._errors:
            raise RefusalError(*self._errors)


def age_on(day: date, born: date) -> int:
    """In whole years. Whoever was born on 29 February is a year older on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
