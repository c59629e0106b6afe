"""What workers are asked to do. Jobs hold ids alone; each may run twice, and names the act that it finishes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from core.ids import TweetId, UserId
from datastore.records.items import ItemKind


class FanOut(msgspec.Struct, frozen=True, tag="fan_out"):
    """Put an item into the home timelines where it belongs. Without its author it takes no turn among theirs.

    `is_again`: it was issued because it took so long. There is nothing to do where it was done meanwhile.
    """

    item_id: TweetId
    author_id: UserId | None = None
    is_again: bool = False


class Withdraw(msgspec.Struct, frozen=True, tag="withdraw"):
    """Take a deleted item out of the home timelines. `with_tweet`: a retweet that went with the tweet it shows."""

    act_id: int
    item_id: TweetId
    author_id: UserId
    kind: ItemKind
    with_tweet: bool = False


class Merge(msgspec.Struct, frozen=True, tag="merge"):
    """Bring somebody's past into the home timeline of who follows them now."""

    act_id: int
    follower_id: UserId
    followee_id: UserId


class Unmerge(msgspec.Struct, frozen=True, tag="unmerge"):
    """Take what somebody brought out of the home timeline of who followed them."""

    act_id: int
    follower_id: UserId
    followee_id: UserId


class MergeTag(msgspec.Struct, frozen=True, tag="merge_tag"):
    """Bring the past of a hashtag into the home timeline of who follows it now."""

    act_id: int
    follower_id: UserId
    tag: str


class ChangeOfView(StrEnum):
    """What somebody's home timeline is judged by, and what happened to it. BY: it was the other person's act."""

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
    """`other` is the person it is about; `words` are the hashtag, or the muted words that there were before."""

    what: ChangeOfView
    other: UserId = UserId(0)
    words: tuple[str, ...] = ()


class Rejudge(msgspec.Struct, frozen=True, tag="rejudge"):
    """Tell somebody live what left their home timeline, or came back, by a change of what it is judged by."""

    act_id: int
    user_id: UserId
    change: ViewChange


class Guard(msgspec.Struct, frozen=True, tag="guard"):
    """Tell the readers of somebody who was protected, or went public, who do not follow them."""

    act_id: int
    user_id: UserId
    is_protected: bool


class ActKind(StrEnum):
    """What somebody did that another person may be told of."""

    LIKE = "like"
    RETWEET = "retweet"
    POST = "post"
    FOLLOW = "follow"
    REQUEST = "request"


class Notify(msgspec.Struct, frozen=True, tag="notify"):
    """Make the notifications of an act what they are to be, now that it was done or undone.

    `target` is the tweet liked or retweeted, or the person followed; 0 for a post, which is its own act.
    """

    act_id: int
    kind: ActKind
    actor_id: UserId
    target: int = 0
    is_undone: bool = False


class TellCount(msgspec.Struct, frozen=True, tag="tell_count"):
    """Tell somebody live how many notifications they have not read, as of a version of their notifications."""

    act_id: int
    user_id: UserId
    version: int = 0


class AcceptAll(msgspec.Struct, frozen=True, tag="accept_all"):
    """Accept all requests to follow somebody who has gone public."""

    act_id: int
    user_id: UserId


class DeleteAccount(msgspec.Struct, frozen=True, tag="delete_account"):
    """Delete all that somebody wrote and did, and then the account."""

    act_id: int
    user_id: UserId


class Rebuild(msgspec.Struct, frozen=True, tag="rebuild"):
    """Make a home timeline that is not there. Nothing is lost with it: the next read asks again."""

    user_id: UserId


Job: TypeAlias = (
    FanOut
    | Withdraw
    | Merge
    | Unmerge
    | MergeTag
    | Rejudge
    | Guard
    | Notify
    | TellCount
    | AcceptAll
    | DeleteAccount
    | Rebuild
)

FANOUT, TIMELINES, NOTIFICATIONS, ACCOUNTS = "fanout", "timelines", "notifications", "accounts"
WIDE_FANOUT = "fanout-wide"
"""Posts that reach very many: the worker that takes one from the queue of all hands it over."""

QUEUE_OF: Mapping[type[Job], str] = {
    FanOut: FANOUT,
    Withdraw: FANOUT,
    Merge: TIMELINES,
    Unmerge: TIMELINES,
    MergeTag: TIMELINES,
    Rejudge: TIMELINES,
    Guard: TIMELINES,
    Rebuild: TIMELINES,
    Notify: NOTIFICATIONS,
    TellCount: NOTIFICATIONS,
    AcceptAll: ACCOUNTS,
    DeleteAccount: ACCOUNTS,
}


def lane_of(job: Job) -> tuple[int, ...]:
    """A worker carries out jobs of one lane in the order in which they were handed over, one by one."""
    match job:
        case FanOut(author_id=int(author)) | Withdraw(author_id=author):
            return (author,)
        case Notify(actor_id=actor):
            return (actor,)
        case Merge(follower_id=reader) | Unmerge(follower_id=reader) | MergeTag(follower_id=reader):
            return (reader,)
        case Rejudge(user_id=reader):
            return (reader,)
        case _:
            return ()


def view_change(job: Job) -> tuple[UserId, ViewChange] | None:
    """Whose home timeline is judged by something else since the act of this job; None where nobody's is."""
    match job:
        case Merge(follower_id=reader, followee_id=other):
            return reader, ViewChange(ChangeOfView.FOLLOWED, other)
        case Unmerge(follower_id=reader, followee_id=other):
            return reader, ViewChange(ChangeOfView.UNFOLLOWED, other)
        case MergeTag(follower_id=reader, tag=tag):
            return reader, ViewChange(ChangeOfView.TAG_FOLLOWED, words=(tag,))
        case Rejudge(user_id=reader, change=change):
            return reader, change
        case _:
            return None


pack = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Job)


def unpack(raw: bytes) -> Job | None:
    """None for bytes that are no job."""
    try:
        job: Job = _decoder.decode(raw)
    except msgspec.MsgspecError:
        return None
    return job
