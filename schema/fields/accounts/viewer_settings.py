"""Mutations of the viewer's own settings and account."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from core.errors import RefusalError
from datastore.notifications.reader import NotificationAudience, NotificationKind
from resolvers import notifications
from resolvers.accounts import accounts, sessions
from resolvers.timelines import muted_words, read_marks
from schema.fields.accounts.viewer import ViewerPayload, present_viewer
from schema.request.context import Info
from schema.values.nodes import NodeType, global_id
from schema.values.payloads import DeletePayload, mutation_payload, user_errors
from schema.values.scopes import BY_WRITE, SIGNED_IN_ALONE
from schema.values.timeline_cursors import read_home_place


@strawberry.type
class ViewerMutation:
    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Changes the password and ends all other sessions.")
    async def change_password(
        self,
        info: Info,
        current: Annotated[str, strawberry.argument(description="The current password.")],
        new: Annotated[str, strawberry.argument(description="8-128 characters.")],
    ) -> ViewerPayload:
        context = info.context
        act = sessions.change_password(context.services, context.signed_in, current, new, address=context.address)
        return await _changed(info, act)

    @strawberry.mutation(directives=BY_WRITE, description="Replaces the muted words.")
    async def set_muted_words(
        self,
        info: Info,
        words: Annotated[
            list[str],
            strawberry.argument(
                description="Words, phrases, #tags and @handles: at most 100, each up to 100 characters."
            ),
        ],
    ) -> ViewerPayload:
        act = muted_words.set_muted_words(info.context.services, info.context.signed_in, words)
        return await _changed(info, act)

    @strawberry.mutation(
        directives=BY_WRITE, description="Sets from whom the viewer gets notifications of one kind, from now on."
    )
    async def set_notification_preference(
        self,
        info: Info,
        kind: Annotated[NotificationKind, strawberry.argument(description="The kind of notification.")],
        audience: Annotated[NotificationAudience, strawberry.argument(description="From whom.")],
    ) -> ViewerPayload:
        act = notifications.set_preference(info.context.stores.notifications, info.context.signed_in, kind, audience)
        return await _changed(info, act)

    @strawberry.mutation(directives=BY_WRITE, description="Marks how far the home timeline was read. Never moves back.")
    async def set_home_read_cursor(
        self, info: Info, cursor: Annotated[str, strawberry.argument(description="Cursor of the newest item read.")]
    ) -> ViewerPayload:
        identity = info.context.signed_in
        act = read_marks.set_home_read(info.context.stores.timelines, identity, read_home_place(info, cursor).item)
        return await _changed(info, act)

    @strawberry.mutation(
        directives=SIGNED_IN_ALONE, description="Deletes the account and everything it wrote, also from every timeline."
    )
    async def delete_account(
        self,
        info: Info,
        password: Annotated[str, strawberry.argument(description="The password, to confirm.")],
    ) -> DeletePayload:
        context = info.context
        act = accounts.delete_account(context.services, context.signed_in, password, address=context.address)
        return await mutation_payload(
            info, act, lambda user_id: DeletePayload(deleted_id=global_id(NodeType.USER, user_id)), DeletePayload
        )


async def _changed(info: Info, act: Awaitable[None]) -> ViewerPayload:
    try:
        await act
    except RefusalError as refusal:
        return ViewerPayload(user_errors=user_errors(refusal))
    info.context.forget()
    return ViewerPayload(viewer=await present_viewer(info))
