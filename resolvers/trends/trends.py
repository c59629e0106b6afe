"""Trends for a viewer, without uses by users whom they block or who block them."""

from collections.abc import Sequence

import msgspec

from core.ids import UserId, wall_ms
from core.trends.scoring import DAY_MS, LEAST_ACCOUNTS, Use, uses_by_hour
from datastore.trends.snapshots import Snapshot, TrendRecord
from datastore.trends.tag_uses import MAX_USES
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of


async def trends(services: Services, identity: Identity | None, first: int) -> list[TrendRecord]:
    """Highest score first. Raises BadInputError unless `first` is 1 to 100."""
    return await visible_trends(services, identity, await services.stores.trends.snapshots.latest(), first)


async def visible_trends(
    services: Services, identity: Identity | None, snapshot: Snapshot, first: int
) -> list[TrendRecord]:
    """The first trends of a snapshot that still have enough accounts without hidden users. Raises as `trends` does."""
    check_first(first)
    hidden = sorted(_hidden(await viewpoint_of(services.stores.users, identity)))
    if not hidden or not snapshot.trends:
        return list(snapshot.trends[:first])
    hidden = await services.stores.users.accounts.public_among(hidden)
    since_ms, tags = snapshot.at_ms - DAY_MS, [trend.tag for trend in snapshot.trends]
    uses = await services.stores.trends.tag_uses.by_accounts(hidden, tags, since_ms, snapshot.at_ms)
    counted = {tag: await services.stores.trends.voices.counted(some) for tag, some in uses.items()}
    shown = [_without(trend, counted[trend.tag], snapshot.at_ms) for trend in snapshot.trends]
    return [trend for trend in shown if trend.accounts >= LEAST_ACCOUNTS][:first]


async def history(services: Services, identity: Identity | None, tag: str) -> Sequence[int]:
    """Tweets with the hashtag in each of the last 24 hours, oldest first."""
    now_ms, view = wall_ms(), await viewpoint_of(services.stores.users, identity)
    uses = await services.stores.trends.tag_uses.of_tag(tag, now_ms - DAY_MS, MAX_USES)
    public = set(await services.stores.users.accounts.public_among({UserId(use.account) for use in uses}))
    seen = public - _hidden(view)
    return uses_by_hour([use for use in uses if use.account in seen], now_ms)


def _hidden(view: Viewpoint) -> frozenset[UserId]:
    return view.blocked | view.blockers


def _without(trend: TrendRecord, uses: Sequence[Use], at_ms: int) -> TrendRecord:
    hours = zip(trend.history, uses_by_hour(uses, at_ms), strict=True)
    return msgspec.structs.replace(
        trend,
        tweets=trend.tweets - len(uses),
        accounts=trend.accounts - len({use.account for use in uses}),
        history=tuple(max(tweets - hidden, 0) for tweets, hidden in hours),
    )
