"""Muted words: which entries are stored, and which are refused."""

import pytest

from core.errors import RefusalError, UserErrorCode
from resolvers.services import Services
from resolvers.timelines.muted_words import MOST_ENTRIES, muted_words, set_muted_words
from tests.resolvers.users import registered


async def test_entries_are_stripped_unique_and_replace_those_before(services: Services) -> None:
    alice = await registered(services, "alice")
    assert await muted_words(services.stores.users, alice) == []
    await set_muted_words(services, alice, ["rook", " night train ", "rook", "#tag", "@bob"])
    assert await muted_words(services.stores.users, alice) == ["rook", "night train", "#tag", "@bob"]
    await set_muted_words(services, alice, ["wren"])
    assert await muted_words(services.stores.users, alice) == ["wren"]
    await set_muted_words(services, alice, [])
    assert await muted_words(services.stores.users, alice) == []


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        (["rook"] * (MOST_ENTRIES + 1), UserErrorCode.TOO_LONG),
        (["a" * 101], UserErrorCode.TOO_LONG),
        ([""], UserErrorCode.INVALID),
        (["\U0001f426"], UserErrorCode.INVALID),
        (["++"], UserErrorCode.INVALID),
        (["rook\u0000"], UserErrorCode.INVALID),
    ],
)
async def test_entry_is_refused_and_nothing_changes(
    services: Services, entries: list[str], code: UserErrorCode
) -> None:
    alice = await registered(services, "alice")
    await set_muted_words(services, alice, ["wren"])
    with pytest.raises(RefusalError) as raised:
        await set_muted_words(services, alice, ["rook", *entries])
    assert [(error.code, error.field) for error in raised.value.errors] == [(code, ("words",))]
    assert await muted_words(services.stores.users, alice) == ["wren"]


async def test_longest_entries_and_most_entries_are_stored(services: Services) -> None:
    alice, entries = await registered(services, "alice"), [f"{number:0100}" for number in range(MOST_ENTRIES)]
    await set_muted_words(services, alice, entries)
    assert await muted_words(services.stores.users, alice) == entries
