"""Revisions: earlier versions of an edited tweet."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from core.ids import time_of
from datastore.records.items import TweetRecord
from datastore.tweets.edits import Revision as RevisionRecord
from engine import Results, batch_field, derived_field, read_field
from resolvers.pages import Page
from resolvers.tweets import edits
from schema.request.context import Info
from schema.types.media import Media, load_pictures
from schema.types.tweet_state import HydratedTweet
from schema.values.connections import After, First, PageInfo, page_info, read_cursor, write_cursor
from schema.values.scopes import BY_READ

REVISIONS = "Tweet.revisions"


@strawberry.type(description="An earlier version of a tweet.")
class Revision:
    record: strawberry.Private[TweetRecord]

    text = read_field("record.text", str, description="Its text.")
    content_warning = read_field("record.content_warning", str | None, description="Its warning.")

    @batch_field(description="Its pictures.")
    @staticmethod
    def media(revisions: list["Revision"], info: Info) -> Results[list[Media]]:
        lists = [revision.record.media for revision in revisions]
        return load_pictures(info, lists) if any(lists) else [[] for _ in revisions]

    @derived_field(description="When this version was posted, or made by an edit.")
    def at(self) -> datetime:
        return time_of(self.record.edit_id or self.record.id)


@strawberry.type(description="One entry of a list of revisions.")
class RevisionEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: Revision = strawberry.field(description="The version.")


@strawberry.type(description="A page of a list of revisions.")
class RevisionConnection:
    edges: list[RevisionEdge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


def revisions_field() -> Any:  # noqa: ANN401 - a field of Tweet
    @strawberry.field(
        directives=BY_READ, description="Its earlier versions, newest first; empty if it was never edited."
    )
    async def resolve(self: HydratedTweet, info: Info, first: First = 20, after: After = None) -> RevisionConnection:
        before = read_cursor(info, REVISIONS, after)
        page = await edits.revisions_of(info.context.stores.tweets, self.record, first, before)
        return _revision_connection(info, page)

    return resolve


def quoted_revision_field() -> Any:  # noqa: ANN401 - a field of Tweet
    @batch_field(
        preloaded_at="record",
        preloaded_if=lambda record: record.quoted_id is None,
        presented_by=lambda _record, _context: None,
        directives=BY_READ,
        description="The version that it quotes, if the quoted tweet was edited since; null also if the viewer may not "
        "see that tweet.",
    )
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[Revision | None]:
        return _quoted_versions(info, [tweet.record for tweet in tweets])

    return resolve


def _quoted_versions(info: Info, tweets: Sequence[TweetRecord]) -> Results[Any]:
    """For each tweet the version that it quotes; None if it is still the quoted tweet, or that may not be seen."""
    if all(tweet.quoted_id is None for tweet in tweets):
        return [None] * len(tweets)
    return asyncio.gather(*[_quoted_version(info, tweet) for tweet in tweets], return_exceptions=True)


async def _quoted_version(info: Info, tweet: TweetRecord) -> Revision | None:
    quoted = None if tweet.quoted_id is None else await info.context.items.load(tweet.quoted_id)
    if not isinstance(quoted, TweetRecord):
        return None
    version = await edits.version_seen(info.context.stores.tweets, quoted, tweet.quoted_edit)
    return None if version is None else Revision(record=version)


def _revision_connection(info: Info, page: Page[RevisionRecord]) -> RevisionConnection:
    edges = [
        RevisionEdge(cursor=write_cursor(info, REVISIONS, edge.place), node=Revision(record=edge.node.tweet))
        for edge in page.edges
    ]
    return RevisionConnection(edges=edges, page_info=page_info(info, REVISIONS, page))
