"""InputErrors: all errors of an input are collected, and raised together."""

from datetime import date, timedelta

import pytest

from core.auth.tokens import utc_now
from core.errors import RefusalError, UserError, UserErrorCode
from core.text.text import clean_handle, clean_name
from resolvers.input_errors import InputErrors, age_on


def collected(errors: InputErrors) -> list[tuple[UserErrorCode, tuple[str, ...]]]:
    """Code and path of each error."""
    try:
        errors.raise_if_any()
    except RefusalError as refusal:
        return [(error.code, error.field) for error in refusal.errors]
    return []


def test_clean_value_is_returned_and_nothing_is_raised() -> None:
    errors = InputErrors()
    assert errors.clean("name", clean_name, "  Alice ") == "Alice"
    errors.raise_if_any()


def test_all_errors_are_raised_together_in_their_order() -> None:
    errors = InputErrors()
    assert errors.clean("handle", clean_handle, "a" * 16) == ""
    assert errors.clean("name", clean_name, " ") == ""
    errors.add("email", UserErrorCode.TAKEN, "It is taken.")
    with pytest.raises(RefusalError) as raised:
        errors.raise_if_any()
    assert raised.value.errors == (
        UserError(UserErrorCode.TOO_LONG, "It has 15 characters at most.", ("input", "handle")),
        UserError(UserErrorCode.INVALID, "A name can't be empty.", ("input", "name")),
        UserError(UserErrorCode.TAKEN, "It is taken.", ("input", "email")),
    )


@pytest.mark.parametrize(
    ("born", "is_valid"),
    [
        (None, True),
        (date(1900, 1, 1), True),
        (date(1899, 12, 31), False),
        (utc_now().date() - timedelta(days=1), True),
        (utc_now().date() + timedelta(days=2), False),
    ],
)
def test_birth_date_lies_between_1900_and_today(born: date | None, is_valid: bool) -> None:
    errors = InputErrors()
    errors.check_birth_date("dateOfBirth", born, 0)
    assert collected(errors) == ([] if is_valid else [(UserErrorCode.INVALID, ("input", "dateOfBirth"))])


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2013, 2, 28), 12),
        (date(2000, 2, 29), date(2013, 3, 1), 13),
        (date(2000, 2, 29), date(2016, 2, 29), 16),
        (date(2000, 12, 31), date(2013, 12, 30), 12),
        (date(2000, 12, 31), date(2013, 12, 31), 13),
    ],
)
def test_age_grows_on_the_birthday(born: date, day: date, age: int) -> None:
    assert age_on(day, born) == age


def test_whoever_is_too_young_is_refused_without_the_age_being_named() -> None:
    errors, today = InputErrors(), utc_now().date()
    errors.check_birth_date("dateOfBirth", today.replace(year=today.year - 12, day=1), 13)
    with pytest.raises(RefusalError) as refusal:
        errors.raise_if_any()
    (error,) = refusal.value.errors
    assert (error.code, error.field) == (UserErrorCode.INVALID, ("input", "dateOfBirth"))
    assert not any(character.isdigit() for character in error.message)


@pytest.mark.parametrize(
    ("key", "is_valid"),
    [(None, True), ("k", True), ("k" * 128, True), ("", False), ("k" * 129, False), ("line\nbreak", False)],
)
def test_key_has_1_to_128_printable_characters(key: str | None, is_valid: bool) -> None:
    errors = InputErrors()
    errors.check_key("idempotencyKey", key)
    assert collected(errors) == ([] if is_valid else [(UserErrorCode.INVALID, ("input", "idempotencyKey"))])
