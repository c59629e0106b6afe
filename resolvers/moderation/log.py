"""The log of moderators, as they read it."""

from datastore.moderation.log import LogLine
from datastore.moderation.stores import ModerationStores
from resolvers.pages import Page, check_first, page_of


async def log(moderation: ModerationStores, first: int, before: int | None) -> Page[LogLine]:
    """Newest first. The caller checks the role."""
    found = await moderation.log.range(before, check_first(first) + 1)
    return page_of(found, first, lambda line: line.id, has_previous=before is not None)
