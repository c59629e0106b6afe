"""Hashtags by their beginning, most used first: by public tweets of the last 7 days that the viewer may see.

For a beginning that very many tweets have, those that most accounts used within the last 24 hours stand for the rest.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from core.ids import wall_ms
from core.text.fold import tag_key
from core.text.text import MAX_TAG_LENGTH
from core.text.urls import HASH_SIGNS
from core.trends.scoring import DAY_MS, HOUR_MS
from datastore.trends.hashtags import FollowedTag
from datastore.trends.hourly_usage import PAST_HOURS
from datastore.trends.stores import TrendStores
from datastore.trends.tag_uses import SpelledUse
from datastore.users.stores import UserStores
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of

_WEEK_MS: Final = 7 * DAY_MS
_MOST_USES: Final = 5_000
_FROM_EACH_HOUR: Final = 500


async def search_hashtags(services: Services, identity: Identity | None, prefix: str, first: int) -> list[FollowedTag]:
    """Each in its most common spelling. An empty prefix begins all. Raises BadInputError unless `first` is 1 to 100."""
    check_first(first)
    typed = prefix.strip()
    key = tag_key(typed[1:] if typed[:1] in tuple(HASH_SIGNS) else typed)
    if len(key) > MAX_TAG_LENGTH:
        return []
    uses = await services.stores.trends.tag_uses.beginning_with(key, wall_ms() - _WEEK_MS, _MOST_USES)
    seen = await _seen(services.stores.users, identity, uses)
    if len(uses) < _MOST_USES:
        return _most_used(seen)[:first]
    return await _used_lately(services.stores.trends, key, first)


async def _seen(users: UserStores, identity: Identity | None, uses: Sequence[SpelledUse]) -> list[SpelledUse]:
    """Uses by public accounts, neither of which blocks the other."""
    view = await viewpoint_of(users, identity)
    public = await users.accounts.public_among({use.author_id for use in uses})
    authors = set(public) - view.blocked - view.blockers
    return [use for use in uses if use.author_id in authors]


def _most_used(uses: Sequence[SpelledUse]) -> list[FollowedTag]:
    spellings: dict[str, Counter[str]] = {}
    for use in uses:
        spellings.setdefault(use.tag, Counter())[use.name] += 1
    ranked = sorted(spellings, key=lambda tag: (-spellings[tag].total(), tag))
    return [FollowedTag(tag, _most_common(spellings[tag])) for tag in ranked]


def _most_common(spellings: Counter[str]) -> str:
    return max(spellings, key=lambda name: (spellings[name], name))


async def _used_lately(trend_stores: TrendStores, key: str, first: int) -> list[FollowedTag]:
    """By the estimates of the last 24 hours; without those that only hidden tweets have."""
    trends, hour = trend_stores, wall_ms() // HOUR_MS
    hours = range(hour - PAST_HOURS, hour + 1)
    used = await trends.hourly_usage.most_used(dict.fromkeys(hours, _FROM_EACH_HOUR))
    by_hour = await trends.hourly_usage.by_hour([tag for tag in used if tag.startswith(key)], hours)
    ranked = sorted(by_hour, key=lambda tag: (-sum(by_hour[tag]), tag))[:first]
    names = [(tag, await trends.tag_uses.spelling(tag)) for tag in ranked]
    return [FollowedTag(tag, name) for tag, name in names if name is not None]
