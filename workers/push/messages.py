"""Message of a push: what a device shows of a group of notifications, as its reader may see it at this moment."""

from datetime import timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from core.base64url import to_base64url
from core.global_ids import global_text
from datastore.notifications.reader import NotificationKind
from datastore.notifications.visible import Notification
from datastore.records.users import UserRecord

TTL: Final = timedelta(days=1)
_MOST_TEXT_BYTES: Final = 600
_DID: Final = {
    NotificationKind.LIKE: "liked your tweet",
    NotificationKind.RETWEET: "retweeted your tweet",
    NotificationKind.QUOTE: "quoted your tweet",
    NotificationKind.REPLY: "replied to you",
    NotificationKind.MENTION: "mentioned you",
    NotificationKind.FOLLOW: "followed you",
    NotificationKind.FOLLOW_REQUEST: "asked to follow you",
}
_TOLD: Final = {
    NotificationKind.SECURITY: "Something about the safety of your account changed",
    NotificationKind.DECISION: "Moderators decided about you or one of your tweets",
}
_ACCEPTED: Final = "accepted your request to follow them"
_PATHS: Final = {
    NotificationKind.FOLLOW_REQUEST: "/requests",
    NotificationKind.SECURITY: "/settings/sessions",
    NotificationKind.DECISION: "/settings/decisions",
}
# What can wait until a device is charged or in use (RFC 8030, 5.3).
_LOW = (NotificationKind.LIKE, NotificationKind.RETWEET, NotificationKind.FOLLOW)
_URGENCIES: Final = {**dict.fromkeys(_LOW, "low"), NotificationKind.SECURITY: "high"}


class PushMessage(NamedTuple):
    """`topic`: a push that the service still has is replaced by a newer one of the same topic.

    `newest`: id of the newest act that it tells of.
    """

    payload: bytes
    topic: str
    urgency: str
    ttl_seconds: int
    newest: int = 0


class _Actor(msgspec.Struct):
    handle: str
    name: str


class _Payload(msgspec.Struct, rename="camel"):
    """`title` and `body` are English, for people; `path` leads there on the page, `tag` is one for the whole group."""

    id: str
    kind: str
    title: str
    body: str
    path: str
    tag: str
    actor: _Actor | None
    actor_count: int
    is_accepted: bool
    tweet_id: str | None


def message_of(notification: Notification, actors: tuple[UserRecord, ...]) -> PushMessage:
    """`actors`: those whom the device is told of, newest first; none for what tells of no act."""
    record, tweet = notification.record, notification.tweet
    named = actors[0] if actors else None
    notification_id = global_text("Notification", record.id)
    tweet_id = None if tweet is None else global_text("Tweet", tweet.id)
    text = "" if tweet is None else tweet.content_warning or tweet.text
    payload = _Payload(
        id=notification_id,
        kind=str(record.kind),
        title=_title(notification, named),
        body=shortened(text, _MOST_TEXT_BYTES),
        path=_path(record.kind, tweet_id, named),
        tag=notification_id,
        actor=None if named is None else _Actor(named.handle, named.name),
        actor_count=notification.actor_count,
        is_accepted=record.is_accepted,
        tweet_id=tweet_id,
    )
    topic = to_base64url(blake2b(str(record.id).encode(), digest_size=16).digest())
    urgency = _URGENCIES.get(record.kind, "normal")
    return PushMessage(msgspec.json.encode(payload), topic, urgency, TTL // timedelta(seconds=1), record.last)


def shortened(text: str, most_bytes: int) -> str:
    """The text, or its beginning with an ellipsis."""
    raw = text.encode()
    return text if len(raw) <= most_bytes else raw[:most_bytes].decode(errors="ignore").rstrip() + "…"


def _title(notification: Notification, named: UserRecord | None) -> str:
    record = notification.record
    if named is None:
        return _TOLD[record.kind]
    others = notification.actor_count - 1
    who = named.name if others <= 0 else f"{named.name} and {others} other{'s' if others > 1 else ''}"
    return f"{who} {_ACCEPTED if record.is_accepted else _DID[record.kind]}"


def _path(kind: NotificationKind, tweet_id: str | None, named: UserRecord | None) -> str:
    if tweet_id is not None:
        return f"/tweets/{tweet_id}"
    if kind is NotificationKind.FOLLOW and named is not None:
        return f"/people/{named.handle}"
    return _PATHS[kind]
