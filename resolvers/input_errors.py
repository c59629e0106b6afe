"""Checks the fields of an input, all of them, before anything is written."""

from collections.abc import Callable
from datetime import date

from core.auth.tokens import utc_now
from core.errors import RefusalError, UserError, UserErrorCode
from core.text.text import TextError

_EARLIEST_BIRTH = date(1900, 1, 1)
_SHORTEST_KEY, _LONGEST_KEY = 1, 128


class Form:
    """Collects what is wrong; `finish` raises it as one RefusalError. Fields are named below `input`."""

    def __init__(self) -> None:
        self._errors: list[UserError] = []

    def clean(self, field: str, cleaner: Callable[[str], str], value: str) -> str:
        """The value as it is to be kept; an empty text where it can't be."""
        try:
            return cleaner(value)
        except TextError as error:
            self.refuse(field, UserErrorCode(error.code), error.message)
            return ""

    def check_born(self, field: str, born: date | None) -> None:
        if born is not None and not _EARLIEST_BIRTH <= born <= utc_now().date():
            self.refuse(field, UserErrorCode.INVALID, f"The date lies between {_EARLIEST_BIRTH} and today.")

    def check_key(self, field: str, key: str | None) -> None:
        if key is not None and not (_SHORTEST_KEY <= len(key) <= _LONGEST_KEY and key.isprintable()):
            self.refuse(field, UserErrorCode.INVALID, f"The key has 1 to {_LONGEST_KEY} printable characters.")

    def refuse(self, field: str, code: UserErrorCode, message: str) -> None:
        self._errors.append(UserError(code, message, ("input", field)))

    def finish(self) -> None:
        if self._errors:
            raise RefusalError(*self._errors)
