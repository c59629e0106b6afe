"""Refusals of texts, for tests of all validators."""

from collections.abc import Callable

import pytest

from core.text.text import TextError

Clean = Callable[[str], str]


def code_of(clean: Clean, raw: str) -> str:
    """The code of the refusal, whose message must be the error's text."""
    with pytest.raises(TextError) as caught:
        clean(raw)
    assert caught.value.message == str(caught.value) != ""
    return caught.value.code


def refused(code: str, *raws: str) -> list[tuple[str, str]]:
    return [(raw, code) for raw in raws]
