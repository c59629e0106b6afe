"""Types that the clients have from the SDL, and the form of their packages."""

import ast
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rookery_client import VERSION, RookeryError
from rookery_client.generated import (
    HOME_TIMELINE,
    HOME_TIMELINE_EVENTS,
    LikeVariables,
    PostTweetInput,
    TimelineEdge,
    TimelineItemTweet,
    TimelineReason,
    Tweet,
)
from rookery_client.transport.decoding import Answer, UnknownTypeError, data_of
from tools.clients.python import python
from tools.clients.read_shapes import read_shapes
from tools.clients.typescript import typescript

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clients" / "python" / "rookery_client"
USER = {"id": "u", "handle": "h", "name": "n", "avatarUrl": None, "isProtected": False, "isVerified": False}
TWEET: dict[str, Any] = {
    "id": "t",
    "text": "hello",
    "createdAt": "2026-01-02T03:04:05.678Z",
    "lang": None,
    "isReply": False,
    "conversationId": "t",
    "author": USER,
    "entities": {"mentions": [], "hashtags": [], "urls": []},
    "media": [],
    "likeCount": 1,
    "retweetCount": 0,
    "quoteCount": 0,
    "replyCount": 0,
    "viewerHasLiked": True,
    "viewerHasRetweeted": False,
    "viewerHasBookmarked": False,
    "inReplyTo": None,
    "quoted": None,
}
SDL = """
type Query { find(of: Find!, kind: Kind! = A): [Thing!] }
input Find { byName: String at: DateTime! limit: Int! = 5 }
enum Kind { A B }
scalar DateTime
union Thing = Stone | Bird
type Stone { weight: Float! }
type Bird { weight: Float! name: String }
"""
DOCUMENT = """
query Find($of: Find!) { find(of: $of) { ...Thing } }
fragment Thing on Thing { __typename ... on Stone { weight } ... on Bird { ...Bird } }
fragment Bird on Bird { name weight }
"""


def test_types_are_those_of_the_answers(tmp_path: Path) -> None:
    (tmp_path / "api.sdl").write_text(SDL)
    (tmp_path / "find.graphql").write_text(DOCUMENT)
    found = read_shapes(tmp_path / "api.sdl", tmp_path)
    in_python, in_typescript = python(found, "1.2.3"), typescript(found, "1.2.3")
    for part in (
        'VERSION = "1.2.3"',
        'class Stone(Record, frozen=True, tag_field="__typename", tag="Stone"):\n    weight: float\n',
        "class Bird(Record, frozen=True):\n    name: str | None\n    weight: float\n",
        'class ThingBird(Bird, frozen=True, tag_field="__typename", tag="Bird"):\n    pass\n',
        "Thing = Stone | ThingBird\n",
        "    by_name: str | None | UnsetType = UNSET\n    at: datetime\n    limit: int | UnsetType = UNSET\n",
        "class FindData(Record, frozen=True):\n    find: tuple[Thing, ...] | None\n",
        "FIND: Operation[FindVariables, FindData] = Operation(\n",
    ):
        assert part in in_python
    for part in (
        "export interface Stone {\n  readonly __typename: 'Stone';\n  readonly weight: number;\n}\n",
        "  readonly byName?: string | null;\n  readonly at: string;\n  readonly limit?: number;\n",
        "  readonly find: ReadonlyArray<Thing> | null;\n",
        "as Operation<FindData, FindVariables>;",
    ):
        assert part in in_typescript


def test_a_document_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "api.sdl").write_text(SDL)
    (tmp_path / "find.graphql").write_text("query Find { find { __typename } }")
    with pytest.raises(ValueError, match=r"find\(of:\)' of type 'Find!' is required"):
        read_shapes(tmp_path / "api.sdl", tmp_path)


def test_answers_of_a_newer_server_are_read() -> None:
    newer = {"cursor": "c", "reason": "NEW_REASON", "node": {"__typename": "Tweet", **TWEET, "newField": [1]}}
    edge = msgspec.json.decode(json.dumps(newer), type=TimelineEdge)
    assert edge.reason is TimelineReason.UNKNOWN
    assert isinstance(edge.node, Tweet)
    assert isinstance(edge.node, TimelineItemTweet)
    assert (edge.node.created_at.year, edge.node.viewer_has_liked) == (2026, True)


def test_types_of_a_newer_server_are_left_out() -> None:
    edges = [
        {"cursor": kind, "reason": "SELF", "node": {"__typename": kind, **TWEET}} for kind in ("Poll", "Tweet", "Ad")
    ]
    page = {"state": "READY", "headCursor": "h", "edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": "Ad"}}
    read = data_of(HOME_TIMELINE, answer({"homeTimeline": page})).home_timeline
    assert [edge.cursor for edge in read.edges] == ["Tweet"]
    assert read.page_info.end_cursor == "Ad"
    for event in (
        {"__typename": "TimelinePaused", "cursor": "c", "at": "2026-01-02T03:04:05Z"},
        {"__typename": "TimelineItemAdded", "cursor": "c", "at": "2026-01-02T03:04:05Z", "edge": edges[0]},
    ):
        with pytest.raises(UnknownTypeError):
            data_of(HOME_TIMELINE_EVENTS, answer({"homeTimelineEvents": event}))
    with pytest.raises(RookeryError, match="another form") as unreadable:
        data_of(HOME_TIMELINE, answer({"homeTimeline": {**page, "headCursor": 5}}))
    assert (unreadable.value.code, unreadable.value.is_passing) == ("UNREADABLE", False)


def answer(data: object) -> Answer:
    return Answer(data=msgspec.Raw(msgspec.json.encode(data)))


def test_what_is_not_given_is_not_sent() -> None:
    assert msgspec.json.encode(LikeVariables("t")) == b'{"tweetId":"t"}'
    assert msgspec.json.decode(msgspec.json.encode(PostTweetInput(text="a", in_reply_to=None))) == {
        "text": "a",
        "inReplyTo": None,
    }


def test_versions_are_those_of_the_server() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version == VERSION
    assert tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]["version"] == version
    assert json.loads((ROOT / "clients" / "typescript" / "package.json").read_text())["version"] == version


def test_the_package_needs_what_it_names() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    named = {re.split(r"\W", one)[0] for one in project["dependencies"]}
    trees = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    roots = {name.partition(".")[0] for name in imported}
    assert roots - sys.stdlib_module_names == named | {"rookery_client"}
    shared = {
        re.split(r">=", one)[0]: one
        for one in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert [one for name in named if (one := shared.get(name)) and one not in project["dependencies"]] == []
