"""A warm page is made of rows that are kept: of its tweets and their authors nothing is read again."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.compile.row_builder import RowBuilder
from engine.runtime.values import Values
from schema.types.media import Media, MediaVariant
from schema.types.tweets import Tweet
from schema.types.users import User
from tests.support.people import sign_up
from tests.support.pictures import png, ready
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = """query Page { homeTimeline(first: 20) { edges { cursor reason node { __typename ... on Tweet {
  id text createdAt lang device isReply conversationId contentWarning isSensitive replyAudience isRemoved editedAt
  likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked
  inReplyTo { id } quoted { id } quotedRevision { text } media { id altText variants { url } } isPinned viewerCanReply
  author { id handle name isProtected isVerified bio avatarUrl bannerUrl joinedAt }
  entities { mentions { handle start end user { id } } hashtags { tag start end } urls { url start end } }
} } } } }"""

DESCRIBE = """mutation Describe($id: ID!, $text: String!) { describeMedia(id: $id, altText: $text) {
  userErrors { code } } }"""
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"


async def test_nothing_of_a_warm_page_is_read_again(shared_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, reader = await sign_up(shared_service, "alice"), await sign_up(shared_service, "reader")
    await reader.follow(alice)
    picture = (await ready(alice, png(), altText="a field"))["id"]
    for media in ([], [], [picture]):
        await alice.post("tweet of #warm https://example.com", media=media)
    await shared_service.settle()
    read = list[type]()
    build = RowBuilder.rows

    def rows(builder: RowBuilder, objects: Sequence[Any]) -> tuple[Values, list[int]]:
        read.extend(map(type, objects))
        return build(builder, objects)

    monkeypatch.setattr(RowBuilder, "rows", rows)

    async def is_warm() -> bool:
        read.clear()
        answer = await reader.ask(PAGE)
        assert [edge["node"]["likeCount"] for edge in answer["homeTimeline"]["edges"]] == [0, 0, 0]
        return not {Tweet, User, Media, MediaVariant} & set(read)

    async def pictures() -> list[tuple[str, set[bool]]]:
        """Descriptions, and whether addresses are signed."""
        edges = (await reader.ask(PAGE))["homeTimeline"]["edges"]
        found = [one for edge in edges for one in edge["node"]["media"]]
        return [(one["altText"], {"?" in variant["url"] for variant in one["variants"]}) for one in found]

    assert not await is_warm()
    assert {Tweet, User, Media, MediaVariant} <= set(read)
    # A row that changed is not kept for some seconds.
    await eventually(is_warm, within=30.0)
    assert await pictures() == [("a field", {False})]
    await alice.act(DESCRIBE, id=picture, text="a rook")
    assert await pictures() == [("a rook", {False})]
    await eventually(is_warm, within=30.0)
    await alice.act(PROTECT)
    assert await pictures() == [("a rook", {True})]
