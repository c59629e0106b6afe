"""Web Push: pushServerKey, subscribeToPush, setPushPreferences, unsubscribeFromPush."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from core.ids import SessionId
from core.push.endpoints import host_of
from datastore.notifications.reader import NotificationAudience, NotificationKind
from datastore.push.subscriptions import PushSubscriptionRecord
from resolvers.accounts import push_subscriptions
from resolvers.accounts.push_subscriptions import WantedSubscription
from schema.fields.notifications import NotificationPreference
from schema.request.context import Info
from schema.values.nodes import Node, NodeType, decode_id, global_id
from schema.values.payloads import DeletePayload, UserError, mutation_payload
from schema.values.scopes import BY_READ, SIGNED_IN_ALONE


@strawberry.type(
    directives=SIGNED_IN_ALONE,
    description="A device that is told of notifications by its push service. It goes with the session of the device, "
    "and when the push service says that its address serves no longer.",
)
class PushSubscription(Node):
    session_id: strawberry.ID = strawberry.field(description="The session of the device.")
    service: str = strawberry.field(description="The host of the push service.")
    created_at: datetime = strawberry.field(description="When the session subscribed first.")
    is_current: bool = strawberry.field(description="Whether it is that of the session of this request.")
    preferences: list[NotificationPreference] = strawberry.field(
        description="From whom the device is told of each kind, among what the viewer is notified of at all."
    )


@strawberry.input(description="From whom a device is told of notifications of one kind.")
class PushPreferenceInput:
    kind: NotificationKind = strawberry.field(description="The kind of notification.")
    audience: NotificationAudience = strawberry.field(
        description="From whom. SECURITY and DECISION: EVERYONE or NOBODY."
    )


@strawberry.input(description="What a browser's PushSubscription holds: its endpoint, and `getKey` of both keys.")
class SubscribeToPushInput:
    endpoint: str = strawberry.field(
        description="The address of the push service, at most 2,000 characters: https, of the public network, port 443."
    )
    p256dh: str = strawberry.field(description="The public key of the browser: 65 bytes in base64url.")
    auth: str = strawberry.field(description="The secret of the browser: 16 bytes in base64url.")
    preferences: list[PushPreferenceInput] = strawberry.field(
        default_factory=list,
        description="Kinds that are not named stay as they are: EVERYONE for a new subscription.",
    )


@strawberry.input(description="A change of what a device is told of.")
class SetPushPreferencesInput:
    id: strawberry.ID | None = strawberry.field(
        default=None, description="A subscription of the viewer; null: that of the current session."
    )
    preferences: list[PushPreferenceInput] = strawberry.field(description="Kinds that are not named stay as they are.")


@strawberry.type(directives=SIGNED_IN_ALONE, description="Result of a change of a push subscription.")
class PushSubscriptionPayload:
    push_subscription: PushSubscription | None = strawberry.field(
        default=None, description="Null if the mutation was refused."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class PushQuery:
    @strawberry.field(
        directives=BY_READ,
        description="The applicationServerKey for `pushManager.subscribe`: the public key of the server, in base64url.",
    )
    async def push_server_key(self, info: Info) -> str:
        return await push_subscriptions.server_key(info.context.stores.push)


@strawberry.type
class PushMutation:
    @strawberry.mutation(
        directives=SIGNED_IN_ALONE,
        description="Tells the current session's device of notifications by Web Push, in the place of an earlier "
        "subscription of the session, and of other sessions of the same browser. At most 20 devices a person.",
    )
    async def subscribe_to_push(
        self, info: Info, input: Annotated[SubscribeToPushInput, strawberry.argument(description="The subscription.")]
    ) -> PushSubscriptionPayload:
        wanted = WantedSubscription(input.endpoint, input.p256dh, input.auth, _audiences(input.preferences))
        act = push_subscriptions.subscribe(info.context.services, info.context.signed_in, wanted)
        return await mutation_payload(info, act, lambda record: _payload(info, record), PushSubscriptionPayload)

    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Sets what a device is told of.")
    async def set_push_preferences(
        self, info: Info, input: Annotated[SetPushPreferencesInput, strawberry.argument(description="The change.")]
    ) -> PushSubscriptionPayload:
        context, wanted = info.context, _audiences(input.preferences)
        act = push_subscriptions.set_audiences(context.stores.push, context.signed_in, _number(input.id), wanted)
        return await mutation_payload(info, act, lambda record: _payload(info, record), PushSubscriptionPayload)

    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Tells a device of nothing more.")
    async def unsubscribe_from_push(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="A subscription of the viewer; null: that of the current session."),
        ] = None,
    ) -> DeletePayload:
        act = push_subscriptions.unsubscribe(info.context.stores.push, info.context.signed_in, _number(id))
        return await mutation_payload(
            info, act, lambda ended: DeletePayload(deleted_id=_global_id(ended)), DeletePayload
        )


def present_push_subscription(info: Info, record: PushSubscriptionRecord) -> PushSubscription:
    return PushSubscription(
        id=_global_id(record.id),
        session_id=global_id(NodeType.SESSION, record.id),
        service=host_of(record.endpoint),
        created_at=record.created_at,
        is_current=record.id == info.context.signed_in.session_id,
        preferences=[NotificationPreference(kind=kind, audience=record.audience(kind)) for kind in NotificationKind],
    )


def _payload(info: Info, record: PushSubscriptionRecord) -> PushSubscriptionPayload:
    return PushSubscriptionPayload(push_subscription=present_push_subscription(info, record))


def _audiences(given: Sequence[PushPreferenceInput]) -> list[tuple[NotificationKind, NotificationAudience]]:
    return [(one.kind, one.audience) for one in given]


def _number(given: strawberry.ID | None) -> SessionId | None:
    return None if given is None else SessionId(decode_id(given, NodeType.PUSH_SUBSCRIPTION))


def _global_id(session_id: SessionId) -> strawberry.ID:
    return global_id(NodeType.PUSH_SUBSCRIPTION, session_id)
