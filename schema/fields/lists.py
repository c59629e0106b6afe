"""Lists of people: list, and the mutations of lists."""

from collections.abc import Awaitable
from typing import Annotated, Any

import strawberry

from core.errors import BadInputError
from core.ids import ListId
from datastore.graph.lists import ListRecord
from datastore.timelines.home import Direction
from engine import Results, batch_field, read_field
from resolvers.graph import lists
from resolvers.graph.lists import ListChanges
from resolvers.pages import Page
from resolvers.timelines.list import list_timeline, outlook
from resolvers.timelines.pages import ItemPage, PageOrder
from schema.request.context import Info
from schema.request.dataloader import load_all
from schema.types.timelines import TimelineConnection, item_connection
from schema.types.users import User, UserConnection, decode_user_id, present_existing_user, user_connection
from schema.values.connections import After, First, PageInfo, page_info, read_cursor, write_cursor
from schema.values.nodes import Node, NodeType, decode_id, global_id, id_field
from schema.values.payloads import DeletePayload, UserError, mutation_payload
from schema.values.scopes import BY_READ, BY_WRITE

MEMBERS, TIMELINE, EVENTS = "List.members", "List.timeline", "Subscription.listEvents"
ListIdArgument = Annotated[strawberry.ID, strawberry.argument(description="A list of the viewer.")]
UserIdArgument = Annotated[strawberry.ID, strawberry.argument(description="The person.")]


@strawberry.type(
    name="List",
    description="People chosen by its owner, and their tweets as a timeline. A public list is seen by whoever may see "
    "its owner's tweets; a private one, and who is in it, is known to its owner alone.",
)
class MemberList(Node):
    record: strawberry.Private[ListRecord]
    id: strawberry.ID = id_field(NodeType.LIST, "record.id")
    name = read_field("record.name", str, description="1-50 characters.")
    description = read_field("record.description", str | None, description="Up to 160 characters.")
    is_private = read_field("record.is_private", bool, description="Whether its owner alone sees it.")

    @batch_field(description="The person who made it.")
    @staticmethod
    def owner(found: list["MemberList"], info: Info) -> Results[User]:
        return load_all(info.context.users, [one.record.owner_id for one in found], present_existing_user)

    @strawberry.field(description="Number of people in it, 500 at most.")
    def member_count(self) -> int:
        return len(self.record.members)

    @strawberry.field(description="The people in it, latest added first.")
    async def members(self, info: Info, first: First = 20, after: After = None) -> UserConnection:
        place = read_cursor(info, MEMBERS, after)
        page = await lists.members_of(info.context.stores.users, ListId(self.record.id), first, place)
        return user_connection(info, MEMBERS, page)

    @strawberry.field(
        description="Tweets and retweets by its members, newest first: the home timeline of somebody who follows the "
        "members alone, without hashtags and advertisements. `after` pages back in time without end, `before` returns "
        "newer items."
    )
    async def timeline(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        before: Annotated[
            str | None, strawberry.argument(description="Cursor before which to return the nearest newer items.")
        ] = None,
        last: Annotated[
            int | None, strawberry.argument(description="Replaces first if before is given: 1-100.")
        ] = None,
    ) -> TimelineConnection:
        if last is not None and before is None:
            raise BadInputError("last goes with before alone.")
        order = _order(info, first if last is None else last, after, before)
        context = info.context
        page = await list_timeline(context.services, context.identity, self.record, order, context.since)
        head = write_cursor(info, EVENTS, *page.head, outlook(page.view, self.record))
        shown = ItemPage(page.edges, page.has_next, page.has_previous, page.end)
        return item_connection(info, TIMELINE, shown, page.state, head)


@strawberry.type(description="One entry of a list of lists.")
class ListEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: MemberList = strawberry.field(description="The list.")


@strawberry.type(description="A page of lists.")
class ListConnection:
    edges: list[ListEdge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Position of the page.")


@strawberry.type(description="Result of a mutation of a list.")
class ListPayload:
    changed: MemberList | None = strawberry.field(
        name="list", default=None, description="Null if the mutation was refused."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.input(description="A list to make.")
class ListInput:
    name: str = strawberry.field(description="1-50 characters.")
    description: str | None = strawberry.field(default=None, description="Up to 160 characters.")
    is_private: bool = strawberry.field(default=False, description="Whether the viewer alone sees it.")


@strawberry.input(description="Changes of a list; fields left out stay unchanged.")
class UpdateListInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1-50 characters.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 160 characters; null empties it."
    )
    is_private: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the viewer alone sees it."
    )


@strawberry.type
class ListQuery:
    @strawberry.field(directives=BY_READ, description="A list; null if there is none or the viewer may not see it.")
    async def list(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> MemberList | None:
        number, context = ListId(decode_id(id, NodeType.LIST)), info.context
        return present_seen_list(await lists.list_of(context.stores.users, context.identity, number, context.since))


@strawberry.type
class ListMutation:
    @strawberry.mutation(directives=BY_WRITE, description="Makes a list, at most 100 a person.")
    async def create_list(
        self, info: Info, input: Annotated[ListInput, strawberry.argument(description="The list.")]
    ) -> ListPayload:
        context = info.context
        return await _payload(info, lists.create(context.services, context.signed_in, ListChanges(_given(input))))

    @strawberry.mutation(directives=BY_WRITE, description="Changes a list.")
    async def update_list(
        self,
        info: Info,
        id: ListIdArgument,
        input: Annotated[UpdateListInput, strawberry.argument(description="The changes.")],
    ) -> ListPayload:
        identity, number = info.context.signed_in, _number(id)
        return await _payload(info, lists.update(info.context.services, identity, number, ListChanges(_given(input))))

    @strawberry.mutation(directives=BY_WRITE, description="Deletes a list.")
    async def delete_list(self, info: Info, id: ListIdArgument) -> DeletePayload:
        identity, number = info.context.signed_in, _number(id)
        act = lists.delete(info.context.stores.users, identity, number)
        return await mutation_payload(
            info, act, lambda gone: DeletePayload(deleted_id=global_id(NodeType.LIST, gone)), DeletePayload
        )

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Puts a person into a list, 500 people at most; nobody whom the viewer blocks, or who blocks the "
        "viewer.",
    )
    async def add_to_list(self, info: Info, id: ListIdArgument, user_id: UserIdArgument) -> ListPayload:
        identity, number, whom = info.context.signed_in, _number(id), decode_user_id(user_id)
        return await _payload(info, lists.add(info.context.services, identity, number, whom))

    @strawberry.mutation(directives=BY_WRITE, description="Takes a person out of a list.")
    async def remove_from_list(self, info: Info, id: ListIdArgument, user_id: UserIdArgument) -> ListPayload:
        identity, number, whom = info.context.signed_in, _number(id), decode_user_id(user_id)
        return await _payload(info, lists.remove(info.context.services, identity, number, whom))


def present_list(record: ListRecord) -> MemberList:
    return MemberList(record=record)


def present_seen_list(record: ListRecord | None) -> MemberList | None:
    return None if record is None else present_list(record)


def connection_of_lists(info: Info, field: str, page: Page[ListRecord]) -> ListConnection:
    edges = [
        ListEdge(cursor=write_cursor(info, field, edge.place), node=present_list(edge.node)) for edge in page.edges
    ]
    return ListConnection(edges=edges, page_info=page_info(info, field, page))


async def _payload(info: Info, act: Awaitable[ListRecord]) -> ListPayload:
    return await mutation_payload(info, act, lambda record: ListPayload(changed=present_list(record)), ListPayload)


def _order(info: Info, first: int, after: str | None, before: str | None) -> PageOrder[int]:
    if after is not None and before is not None:
        raise BadInputError("Give after or before, not both.")
    if before is not None:
        return PageOrder(first, read_cursor(info, TIMELINE, before), Direction.NEWER)
    return PageOrder(first, read_cursor(info, TIMELINE, after))


def _given(input: Any) -> dict[str, str | bool | None]:  # noqa: ANN401 - an input of lists
    return {name: value for name, value in vars(input).items() if value is not strawberry.UNSET}


def _number(list_id: str) -> ListId:
    return ListId(decode_id(list_id, NodeType.LIST))
