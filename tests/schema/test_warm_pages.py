"""A warm page is made of rows that are kept: of its tweets and their authors nothing is read again."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.compile.row_builder import RowBuilder
from engine.runtime.values import Values
from schema.types.tweets import Tweet
from schema.types.users import User
from tests.support.people import sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = """query Page { homeTimeline(first: 20) { edges { cursor reason node { __typename ... on Tweet {
  id text createdAt lang device isReply conversationId contentWarning isSensitive replyAudience isRemoved editedAt
  likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked
  inReplyTo { id } quoted { id } quotedRevision { text } media { id } isPinned viewerCanReply
  author { id handle name isProtected isVerified bio avatarUrl bannerUrl joinedAt }
  entities { mentions { handle start end user { id } } hashtags { tag start end } urls { url start end } }
} } } } }"""


async def test_nothing_of_a_warm_page_is_read_again(shared_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, reader = await sign_up(shared_service, "alice"), await sign_up(shared_service, "reader")
    await reader.follow(alice)
    for number in range(3):
        await alice.post(f"tweet {number} of #warm https://example.com")
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
        return not {Tweet, User} & set(read)

    assert not await is_warm()
    assert {Tweet, User} <= set(read)
    # A row that changed is not kept for some seconds.
    await eventually(is_warm, within=30.0)
