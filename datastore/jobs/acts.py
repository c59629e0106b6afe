"""Acts of users as jobs name them: their kinds, and changes of what a user sees."""

from enum import StrEnum

import msgspec

from core.ids import UserId


class ActKind(StrEnum):
    """Kinds of acts. All but MUTE notify another user."""

    LIKE = "like"
    RETWEET = "retweet"
    POST = "post"
    EDIT = "edit"
    FOLLOW = "follow"
    REQUEST = "request"
    SECURITY = "security"
    DECISION = "decision"
    MUTE = "mute"


class ViewChangeKind(StrEnum):
    """Changes of a viewpoint, by which a home timeline is filtered. BY: the other user acted."""

    FOLLOWED = "followed"
    UNFOLLOWED = "unfollowed"
    TAG_FOLLOWED = "tag_followed"
    TAG_UNFOLLOWED = "tag_unfollowed"
    MUTED = "muted"
    UNMUTED = "unmuted"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    BLOCKED_BY = "blocked_by"
    UNBLOCKED_BY = "unblocked_by"
    WORDS = "words"


class ViewChange(msgspec.Struct, frozen=True, array_like=True):
    """`other` is the user concerned; `words` holds the hashtag, or the muted words before the change."""

    kind: ViewChangeKind
    other: UserId = UserId(0)
    words: tuple[str, ...] = ()
