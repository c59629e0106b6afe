"""Compares lists of people with the model: who sees them, their members, and their timelines in both directions."""

from collections.abc import Sequence
from typing import Any

from tests.support.model import lists
from tests.support.model.answers import Entry
from tests.support.model.stage import Stage
from tests.support.people import Person

_LIST = """query List($id: ID!) { list(id: $id) { id name isPrivate memberCount owner { handle }
  members(first: 100) { edges { node { handle } } } } node(id: $id) { id } }"""
_TIMELINE = """query Timeline($id: ID!, $first: Int!, $after: String, $before: String) { list(id: $id) {
  timeline(first: $first, after: $after, before: $before) {
    edges { cursor reason node { __typename ... on Tweet { id } ... on Retweet { tweet { id } user { handle } } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
_OWN = "query Own { viewer { lists(first: 100) { edges { node { id } } } } }"


async def compare_own_lists(stage: Stage, viewer: Person) -> None:
    found = (await viewer.ask(_OWN))["viewer"]["lists"]["edges"]
    expected = [stage.list_ids[number] for number in lists.of_owner(stage.shown, viewer.handle)]
    stage.agree(f"lists of {viewer.handle}", [edge["node"]["id"] for edge in found], expected)


_LISTS, _PAGE = 3, 5


async def compare_member_lists(stage: Stage, viewer: Person | None, page: int, around: int = 0) -> None:
    """Some lists chosen by `around`, deleted ones too, on pages of a few items; without a viewer as anonymous."""
    who, page = None if viewer is None else viewer.handle, max(page, _PAGE)
    known = sorted(stage.list_ids)
    for number in dict.fromkeys(known[(around + place) % len(known)] for place in range(_LISTS) if known):
        list_id = stage.list_ids[number]
        found = await _ask(stage, viewer, _LIST, id=list_id)
        is_seen = lists.may_see(stage.shown, who, number)
        stage.agree(f"list {number} for {who}", found["list"], _expected(stage, number) if is_seen else None)
        stage.agree(f"node of list {number} for {who}", found["node"], {"id": list_id} if is_seen else None)
        if is_seen:
            await _compare_timeline(stage, viewer, number, page)


def _expected(stage: Stage, number: int) -> dict[str, Any]:
    one, members = stage.shown.lists[number], lists.members(stage.shown, number)
    return {
        "id": stage.list_ids[number],
        "name": f"list {number}",
        "isPrivate": one.is_private,
        "memberCount": len(members),
        "owner": {"handle": one.owner},
        "members": {"edges": [{"node": {"handle": handle}} for handle in members]},
    }


async def _compare_timeline(stage: Stage, viewer: Person | None, number: int, page: int) -> None:
    who = None if viewer is None else viewer.handle
    expected = lists.timeline(stage.shown, who, number)
    title, found, cursors, after = f"list {number} for {who}", list[Entry](), list[str](), None
    while True:
        part = await _page(stage, viewer, number, first=page, after=after)
        new, after = _entries(stage, part["edges"]), part["pageInfo"]["endCursor"]
        stage.agree(f"{title} after {len(found)}", new, expected[len(found) : len(found) + page])
        found, cursors = found + new, cursors + [edge["cursor"] for edge in part["edges"]]
        stage.agree(f"whether {title} goes on", part["pageInfo"]["hasNextPage"], len(expected) > len(found))
        if len(expected) <= len(found):
            break
    for place in range(0, len(found), max(len(found) // 3, 1)):
        part = await _page(stage, viewer, number, first=page, before=cursors[place])
        above = expected[max(place - page, 0) : place]
        stage.agree(f"{title} before item {found[place].item}", _entries(stage, part["edges"]), above)
        stage.agree(f"whether there is more above {title}", part["pageInfo"]["hasPreviousPage"], place > page)


async def _page(stage: Stage, viewer: Person | None, number: int, **place: Any) -> dict[str, Any]:
    found = await _ask(stage, viewer, _TIMELINE, id=stage.list_ids[number], **place)
    part: dict[str, Any] = found["list"]["timeline"]
    return part


async def _ask(stage: Stage, viewer: Person | None, document: str, **variables: Any) -> dict[str, Any]:
    if viewer is not None:
        return await viewer.ask(document, **variables)
    answer = await stage.service.ask(document, variables)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def _entries(stage: Stage, edges: Sequence[dict[str, Any]]) -> list[Entry]:
    items = [stage.item(edge["node"]) for edge in edges]
    return [Entry(item.id, item.tweet, edge["reason"]) for item, edge in zip(items, edges, strict=True)]
