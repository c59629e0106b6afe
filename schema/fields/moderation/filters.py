"""Filters of the operator: their type, and the mutations."""

from typing import Annotated

import strawberry

from core.moderation import FilterEffect, FilterKind
from datastore.moderation.filters import FilterRecord
from engine import read_field
from resolvers.moderation import filters
from resolvers.pages import Page
from schema.request.context import Info
from schema.values import moderation_enums  # noqa: F401 - describes kinds and effects before they are used
from schema.values.connections import PageInfo, page_info, write_cursor
from schema.values.nodes import Node, NodeType, decode_id, id_field
from schema.values.payloads import DeletePayload, UserError, mutation_payload
from schema.values.scopes import SIGNED_IN_ALONE


@strawberry.type(description="What the operator refuses, or has held for review. Moderators see it.")
class Filter(Node):
    record: strawberry.Private[FilterRecord]
    id: strawberry.ID = id_field(NodeType.FILTER, "record.id")
    kind = read_field("record.kind", FilterKind, description="To what it applies.")
    pattern = read_field("record.pattern", str, description="The words, the host, the address or the domain.")
    effect = read_field("record.effect", FilterEffect, description="What it does.")
    is_on = read_field("record.is_on", bool, description="Whether it does it.")


@strawberry.type(description="One entry of the list of filters.")
class FilterEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: Filter = strawberry.field(description="The filter.")


@strawberry.type(description="A page of filters.")
class FilterConnection:
    edges: list[FilterEdge] = strawberry.field(description="The entries of this page, the oldest first.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


@strawberry.type(description="Result of a mutation of a filter.")
class FilterPayload:
    filter: Filter | None = strawberry.field(default=None, description="Null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.input(description="A filter to make, or to change: that of the same kind and pattern.")
class FilterInput:
    kind: FilterKind = strawberry.field(description="To what it applies.")
    pattern: str = strawberry.field(
        description="Words as in muted words; a host such as example.com, which includes those below it; an address, "
        "or a domain, which includes those below it."
    )
    effect: FilterEffect = strawberry.field(description="What it does.")
    is_on: bool = strawberry.field(default=True, description="Whether it does it from now on.")


@strawberry.type
class FilterMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Makes or changes a filter; all servers follow within seconds. 1,000 at most. For admins.",
    )
    async def set_filter(
        self, info: Info, input: Annotated[FilterInput, strawberry.argument(description="The filter.")]
    ) -> FilterPayload:
        services, identity = info.context.services, info.context.signed_in
        act = filters.set_filter(services, identity, input.kind, input.pattern, input.effect, is_on=input.is_on)
        return await mutation_payload(
            info, act, lambda record: FilterPayload(filter=present_filter(record)), FilterPayload
        )

    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Deletes a filter. For admins.")
    async def delete_filter(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The filter.")]
    ) -> DeletePayload:
        identity, number = info.context.signed_in, decode_id(id, NodeType.FILTER)
        act = filters.delete_filter(info.context.services, identity, number)
        return await mutation_payload(info, act, lambda _: DeletePayload(deleted_id=id), DeletePayload)


def present_filter(record: FilterRecord) -> Filter:
    return Filter(record=record)


def filter_connection(info: Info, field: str, page: Page[FilterRecord]) -> FilterConnection:
    edges = [
        FilterEdge(cursor=write_cursor(info, field, edge.place), node=present_filter(edge.node)) for edge in page.edges
    ]
    return FilterConnection(edges=edges, page_info=page_info(info, field, page))
