"""Compares whole home timelines with the model: page by page in both directions, and from cursors of deleted items."""

from collections.abc import Sequence
from typing import Any

from tests.support.model import answers
from tests.support.model.answers import Entry
from tests.support.model.stage import Stage
from tests.support.people import Person

_HOME = """query Home($first: Int!, $after: String, $before: String) {
  homeTimeline(first: $first, after: $after, before: $before) {
    edges { cursor reason node { __typename ... on Tweet { id } ... on Retweet { tweet { id } user { handle } } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
_GET_TWEETS = """query Get($userId: ID!, $offset: Int!, $limit: Int!) {
  getTweets(userId: $userId, offset: $offset, limit: $limit) { id } }"""
_PLACES = 2


async def compare_home(stage: Stage, viewer: Person, page: int) -> None:
    expected = answers.home_timeline(stage.shown, viewer.handle)
    await _compare_downwards(stage, viewer, page, expected)
    await _compare_upwards(stage, viewer, page, expected)
    await _compare_places(stage, viewer, page, expected)
    got = (await viewer.ask(_GET_TWEETS, userId=viewer.id, offset=2, limit=page))["getTweets"]
    tweets = [entry.tweet for entry in expected[2 : 2 + page]]
    stage.agree(f"getTweets of {viewer.handle}", [stage.tweet_number(tweet["id"]) for tweet in got], tweets)


async def glance(stage: Stage, viewer: Person, page: int) -> None:
    """Even with unfinished jobs a page has no foreign item, no duplicate, and the right order."""
    found = _entries(stage, (await _home_page(viewer, page))["edges"])
    for entry in found:
        item = stage.shown.tweets.get(entry.item) or stage.shown.retweets.get(entry.item)
        reason = None if item is None else answers.home_reason(stage.shown, viewer.handle, item)
        stage.agree(f"why {entry} stands in home of {viewer.handle}", entry.reason, reason)
    places = [entry.item for entry in found]
    stage.agree(f"order of home of {viewer.handle}", places, sorted(set(places), reverse=True))
    tweets = [entry.tweet for entry in found]
    stage.agree(f"tweets in home of {viewer.handle}", sorted(tweets), sorted(set(tweets)))


async def _compare_downwards(stage: Stage, viewer: Person, page: int, expected: Sequence[Entry]) -> None:
    title, found, after = f"home of {viewer.handle}", list[Entry](), None
    while True:
        part = await _home_page(viewer, page, after=after)
        new, after = _entries(stage, part["edges"]), part["pageInfo"]["endCursor"]
        stage.agree(f"{title} after {len(found)}", new, list(expected[len(found) : len(found) + page]))
        found += new
        for entry, edge in zip(new, part["edges"], strict=True):
            stage.cursors[viewer.handle, entry.item] = edge["cursor"]
        has_more = len(expected) > len(found)
        stage.agree(f"whether {title} goes on after {len(found)}", part["pageInfo"]["hasNextPage"], has_more)
        if not has_more:
            return


async def _compare_upwards(stage: Stage, viewer: Person, page: int, expected: Sequence[Entry]) -> None:
    """Reads from the oldest item to the newest one, by cursors that were read downwards."""
    above = list(expected)
    while above:
        cursor = stage.cursors[viewer.handle, above.pop().item]
        part = await _home_page(viewer, page, before=cursor)
        title = f"home of {viewer.handle} before item {len(above) + 1}"
        stage.agree(title, _entries(stage, part["edges"]), above[-page:])
        stage.agree(f"whether there is more above {title}", part["pageInfo"]["hasPreviousPage"], len(above) > page)
        above = above[: 1 - page] if page > 1 else above


async def _compare_places(stage: Stage, viewer: Person, page: int, expected: Sequence[Entry]) -> None:
    """A cursor names a position: it works the same when its item is gone."""
    known = {item: cursor for (handle, item), cursor in stage.cursors.items() if handle == viewer.handle}
    gone = sorted(set(known) - {entry.item for entry in expected})
    for place in gone[:: max(len(gone) // _PLACES, 1)]:
        older = [entry for entry in expected if entry.item < place][:page]
        newer = [entry for entry in expected if entry.item > place][-page:]
        for direction, wanted in (("after", older), ("before", newer)):
            part = await _home_page(viewer, page, **{direction: known[place]})
            title = f"home of {viewer.handle} {direction} the place of item {place}, which has gone"
            stage.agree(title, _entries(stage, part["edges"]), wanted)


async def _home_page(viewer: Person, first: int, **place: str | None) -> dict[str, Any]:
    part: dict[str, Any] = (await viewer.ask(_HOME, first=first, **place))["homeTimeline"]
    return part


def _entries(stage: Stage, edges: Sequence[dict[str, Any]]) -> list[Entry]:
    items = [stage.item(edge["node"]) for edge in edges]
    return [Entry(item.id, item.tweet, edge["reason"]) for item, edge in zip(items, edges, strict=True)]
