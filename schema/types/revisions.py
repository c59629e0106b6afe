"""Revisions: earlier versions of an edited tweet."""

from datetime import datetime

import strawberry

from core.ids import time_of
from datastore.records.items import TweetRecord
from datastore.tweets.edits import Revision as RevisionRecord
from engine import Results, batch_field, derived_field, read_field
from resolvers.pages import Page
from schema.request.context import Info
from schema.types.media import Media, load_pictures
from schema.values.connections import PageInfo, page_info, write_cursor

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


def revision_connection(info: Info, page: Page[RevisionRecord]) -> RevisionConnection:
    edges = [
        RevisionEdge(cursor=write_cursor(info, REVISIONS, edge.place), node=Revision(record=edge.node.tweet))
        for edge in page.edges
    ]
    return RevisionConnection(edges=edges, page_info=page_info(info, REVISIONS, page))
