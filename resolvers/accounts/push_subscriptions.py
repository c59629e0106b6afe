"""Push subscriptions of the viewer's devices: made by a device for itself, changed and ended from any of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.auth.tokens import utc_now
from core.errors import CodedError, ErrorCode, RefusalError, UserErrorCode
from core.ids import SessionId
from core.push.endpoints import EndpointError, parse_endpoint
from core.push.keys import BrowserKeys, parse_browser_keys
from datastore.notifications.reader import NotificationAudience, NotificationKind
from datastore.push.stores import PushStores
from datastore.push.subscriptions import MOST_SUBSCRIPTIONS, PushSubscriptionRecord
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.services import Services

Audiences = Mapping[NotificationKind, NotificationAudience]
WantedAudiences = Sequence[tuple[NotificationKind, NotificationAudience]]


@dataclass(frozen=True, slots=True)
class WantedSubscription:
    """A subscription as a browser gives it; keys are base64url."""

    endpoint: str
    p256dh: str
    auth: str
    audiences: WantedAudiences


async def server_key(push: PushStores) -> str:
    """The public key of the installation, as base64url without padding."""
    return (await push.vapid_keys.get()).public_text


async def subscribe(services: Services, identity: Identity, wanted: WantedSubscription) -> PushSubscriptionRecord:
    """Replaces that of the viewer's session. Raises RefusalError with every invalid field."""
    store = services.stores.push.subscriptions
    keys, audiences = _checked(wanted, allows_loopback=services.push_to_loopback)
    before = await store.get(identity.session_id)
    record = PushSubscriptionRecord(
        identity.session_id,
        identity.user_id,
        wanted.endpoint,
        keys.p256dh,
        keys.auth,
        server_key=await server_key(services.stores.push),
        audiences={**({} if before is None else before.audiences), **audiences},
        created_at=utc_now() if before is None else before.created_at,
    )
    if not await store.put(record):
        message = f"You have {MOST_SUBSCRIPTIONS} devices that get notifications. End one that you do not need."
        raise RefusalError.of(UserErrorCode.CONFLICT, message, "input")
    return record


async def set_audiences(
    push: PushStores, identity: Identity, session_id: SessionId | None, wanted: WantedAudiences
) -> PushSubscriptionRecord:
    """Changes that of the current session where no id is given. Kinds that are not named stay as they are."""
    errors = InputErrors()
    audiences = _checked_audiences(errors, wanted)
    errors.raise_if_any()
    store = push.subscriptions
    record = await store.set_audiences(identity.user_id, session_id or identity.session_id, audiences)
    if record is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such subscription.", "input", "id")
    return record


async def unsubscribe(push: PushStores, identity: Identity, session_id: SessionId | None) -> SessionId:
    """Ends that of the current session where no id is given, whether or not it has one."""
    chosen = session_id or identity.session_id
    if not await push.subscriptions.delete(identity.user_id, chosen) and session_id is not None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such subscription.", "id")
    return chosen


async def of_viewer(push: PushStores, identity: Identity) -> list[PushSubscriptionRecord]:
    """The viewer's own, newest session first."""
    return await push.subscriptions.of_user(identity.user_id)


async def get_own(push: PushStores, identity: Identity | None, session_id: SessionId) -> PushSubscriptionRecord | None:
    """None for one of somebody else. Raises FORBIDDEN for a viewer who came by a token."""
    if identity is None:
        return None
    record = await push.subscriptions.get(session_id)
    if record is None or record.user_id != identity.user_id:
        return None
    if identity.grant is not None:
        raise CodedError(ErrorCode.FORBIDDEN, "No scope of a token covers push subscriptions: this needs a sign-in.")
    return record


def _checked(wanted: WantedSubscription, *, allows_loopback: bool) -> tuple[BrowserKeys, Audiences]:
    errors = InputErrors()
    try:
        parse_endpoint(wanted.endpoint, allows_loopback=allows_loopback)
    except EndpointError as error:
        errors.add("endpoint", UserErrorCode.INVALID, str(error))
    p256dh, auth = parse_browser_keys(wanted.p256dh, wanted.auth)
    if p256dh is None:
        errors.add("p256dh", UserErrorCode.INVALID, "This is no point of the curve P-256, 65 bytes in base64url.")
    if auth is None:
        errors.add("auth", UserErrorCode.INVALID, "This is no secret of 16 bytes in base64url.")
    audiences = _checked_audiences(errors, wanted.audiences)
    errors.raise_if_any()
    return BrowserKeys(p256dh or b"", auth or b""), audiences


def _checked_audiences(errors: InputErrors, wanted: WantedAudiences) -> Audiences:
    audiences = dict(wanted)
    if len(audiences) < len(wanted):
        errors.add("preferences", UserErrorCode.INVALID, "Each kind is named once.")
    for kind, audience in audiences.items():
        if audience is NotificationAudience.FOLLOWING and not kind.is_of_act:
            message = f"{kind} tells of nobody's act: choose EVERYONE or NOBODY."
            errors.add("preferences", UserErrorCode.INVALID, message)
    return audiences
