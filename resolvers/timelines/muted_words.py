"""Muted words: whole words and phrases that hide tweets from the viewer's home timeline."""

from collections.abc import Sequence

from core.errors import RefusalError, UserErrorCode
from core.text.muted_words import clean_entry
from core.text.text import TextError
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.notifications import announce_unread
from resolvers.services import Services

MOST_ENTRIES = 100


async def set_muted_words(services: Services, identity: Identity, entries: Sequence[str]) -> None:
    """Replaces all. Raises RefusalError for an entry without letter or digit, and for too many or too long ones."""
    if len(entries) > MOST_ENTRIES:
        raise RefusalError.of(UserErrorCode.TOO_LONG, f"At most {MOST_ENTRIES} muted words.", "words")
    kept = list(dict.fromkeys(_checked(entry) for entry in entries))
    act = await services.stores.users.muted_words.set(services.stores.ids(), identity.user_id, kept)
    await services.stores.users.viewpoints.invalidate(identity.user_id)
    if act is not None:
        await try_enqueue(services.stores, act)
    await announce_unread(services.stores, identity.user_id)


async def muted_words(users: UserStores, identity: Identity) -> list[str]:
    """The entries, in the order in which they were set."""
    return await users.muted_words.get(identity.user_id)


def _checked(entry: str) -> str:
    try:
        return clean_entry(entry)
    except TextError as error:
        raise RefusalError.of(UserErrorCode(error.code), error.message, "words") from None
