"""Muted words: whole words and phrases that hide tweets from the viewer's home timeline."""

from collections.abc import Sequence

from core.errors import RefusalError, UserErrorCode
from core.text.fold import words
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.notifications import announce_unread
from resolvers.services import Services

MOST_ENTRIES = 100
_LONGEST_ENTRY = 100


async def set_muted_words(services: Services, identity: Identity, entries: Sequence[str]) -> None:
    """Replaces all entries. Raises RefusalError for an entry without words, and for too many or too long ones."""
    if len(entries) > MOST_ENTRIES:
        raise RefusalError.of(UserErrorCode.TOO_LONG, f"At most {MOST_ENTRIES} muted words.", "words")
    kept = list(dict.fromkeys(_checked(entry) for entry in entries))
    act = await services.stores.users.muted_words.set(services.stores.ids(), identity.user_id, kept)
    await services.stores.users.viewpoints.invalidate(identity.user_id)
    if act is not None:
        await try_enqueue(services.stores, act)
    await announce_unread(services, identity.user_id)


async def muted_words(services: Services, identity: Identity) -> list[str]:
    """The entries, in the order in which they were set."""
    return await services.stores.users.muted_words.get(identity.user_id)


def _checked(entry: str) -> str:
    text = entry.strip()
    if len(text) > _LONGEST_ENTRY:
        raise RefusalError.of(UserErrorCode.TOO_LONG, f"A muted word has {_LONGEST_ENTRY} characters at most.", "words")
    if not text.isprintable() or not words(text):
        raise RefusalError.of(UserErrorCode.INVALID, "A muted entry needs a word.", "words")
    return text
