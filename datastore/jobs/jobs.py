"""Jobs for the workers. A job holds ids only, may run twice, and names the act that it completes."""

from typing import TypeAlias

import msgspec

from core.ids import AccessTokenId, ListId, MediaId, SessionId, TweetId, UserId
from datastore.jobs.acts import ActKind, ViewChange, ViewChangeKind
from datastore.records.items import ItemKind


class FanOut(msgspec.Struct, frozen=True, tag="fan_out"):
    """Push an item into the home timelines where it belongs. Without `author_id` it is not ordered among theirs.

    `is_again`: issued again because the first job took long. Nothing is left to do if that one has finished meanwhile.
    """

    item_id: TweetId
    author_id: UserId | None = None
    is_again: bool = False


class Retract(msgspec.Struct, frozen=True, tag="withdraw"):
    """Take a deleted item out of the home timelines. `with_tweet`: a retweet deleted together with its tweet."""

    act_id: int
    item_id: TweetId
    author_id: UserId
    kind: ItemKind
    with_tweet: bool = False


class PublishEdit(msgspec.Struct, frozen=True, tag="publish_edit"):
    """Push an edited tweet where its new text belongs, and publish to live readers whom it reaches or leaves by it."""

    act_id: int
    item_id: TweetId
    author_id: UserId


class Merge(msgspec.Struct, frozen=True, tag="merge"):
    """Merge the earlier items of a followed account into the follower's home timeline."""

    act_id: int
    follower_id: UserId
    followee_id: UserId


class Unmerge(msgspec.Struct, frozen=True, tag="unmerge"):
    """Take the items that an unfollowed account had brought out of the former follower's home timeline."""

    act_id: int
    follower_id: UserId
    followee_id: UserId


class MergeTag(msgspec.Struct, frozen=True, tag="merge_tag"):
    """Merge the earlier tweets of a followed hashtag into the follower's home timeline."""

    act_id: int
    follower_id: UserId
    tag: str


class PublishViewChange(msgspec.Struct, frozen=True, tag="rejudge"):
    """Publish to a live reader which items left or entered their home timeline by a change of their viewpoint."""

    act_id: int
    user_id: UserId
    change: ViewChange


class PublishProtection(msgspec.Struct, frozen=True, tag="guard"):
    """Publish to live readers who do not follow an account that it was protected or went public."""

    act_id: int
    user_id: UserId
    is_protected: bool


class Notify(msgspec.Struct, frozen=True, tag="notify"):
    """Make or unmake the notifications of an act that was done or undone.

    `target` is the tweet liked or retweeted, or the user followed; 0 for a post, whose id is `act_id`. SECURITY and
    DECISION tell the actor of what happened to their account. EDIT tells of mentions in an edited tweet, the target.
    """

    act_id: int
    kind: ActKind
    actor_id: UserId
    target: int = 0
    is_undone: bool = False


class PublishUnreadCount(msgspec.Struct, frozen=True, tag="tell_count"):
    """Publish to a live user the number of unread notifications, as of a version of their notifications."""

    act_id: int
    user_id: UserId
    version: int = 0


class AcceptFollowRequests(msgspec.Struct, frozen=True, tag="accept_all"):
    """Accept all follow requests of an account that went public."""

    act_id: int
    user_id: UserId


class SendMail(msgspec.Struct, frozen=True, tag="send_mail"):
    """Hand a mail of the outbox (datastore/jobs/mails.py) to the mail server."""

    act_id: int


class SendPush(msgspec.Struct, frozen=True, tag="send_push"):
    """Tell a device of a group of notifications (datastore/jobs/pushes.py) at `due_ms`, Unix time."""

    subscription_id: SessionId
    group_id: int
    due_ms: int


class DeleteAccount(msgspec.Struct, frozen=True, tag="delete_account"):
    """Delete everything that an account wrote and did, then the account."""

    act_id: int
    user_id: UserId


class ApplyDecision(msgspec.Struct, frozen=True, tag="apply_decision"):
    """Do what follows from a decision of moderators that began to stand, or from its end.

    `person_id`: whom it concerns, the author of the tweet `tweet_id`; that is None for a decision about a person. Jobs
    of one person run in their order. `is_again`: once more after a moment, for acts that were under way.
    """

    act_id: int
    decision_id: int
    person_id: UserId = UserId(0)
    tweet_id: TweetId | None = None
    is_again: bool = False


class ProcessMedia(msgspec.Struct, frozen=True, tag="process_media"):
    """Make the variants of a picture whose bytes have arrived."""

    act_id: int
    media_id: MediaId


class ErasePerson(msgspec.Struct, frozen=True, tag="erase_person"):
    """Delete what jobs and sockets under way may have written of an account that was deleted a moment ago."""

    act_id: int
    user_id: UserId


class ForgetProfile(msgspec.Struct, frozen=True, tag="forget_profile"):
    """Make the caches forget a profile that its owner changed."""

    act_id: int
    user_id: UserId


class EndSessions(msgspec.Struct, frozen=True, tag="end_sessions"):
    """Make the caches forget sessions that have ended, and tell their sockets."""

    act_id: int
    session_ids: tuple[SessionId, ...]


class EndAccessTokens(msgspec.Struct, frozen=True, tag="end_access_tokens"):
    """As `EndSessions`, for scoped tokens that were revoked."""

    act_id: int
    token_ids: tuple[AccessTokenId, ...]


class Rebuild(msgspec.Struct, frozen=True, tag="rebuild"):
    """Build a missing home timeline. Losing this job does no harm: the next read issues it again."""

    user_id: UserId


class RebuildLists(msgspec.Struct, frozen=True, tag="rebuild_lists"):
    """Build the timelines of lists that lost or got a member, where they are in memory, and have readers read again."""

    act_id: int
    list_ids: tuple[ListId, ...]


class BuildList(msgspec.Struct, frozen=True, tag="build_list"):
    """Build the missing timeline of a list. Losing this job does no harm: the next read issues it again."""

    list_id: ListId


Job: TypeAlias = (
    FanOut
    | Retract
    | PublishEdit
    | Merge
    | Unmerge
    | MergeTag
    | PublishViewChange
    | PublishProtection
    | Notify
    | PublishUnreadCount
    | AcceptFollowRequests
    | SendMail
    | SendPush
    | DeleteAccount
    | ApplyDecision
    | ProcessMedia
    | ErasePerson
    | ForgetProfile
    | EndSessions
    | EndAccessTokens
    | Rebuild
    | RebuildLists
    | BuildList
)


def view_change(job: Job) -> tuple[UserId, ViewChange] | None:
    """The reader whose viewpoint the act of this job changed, with the change; None if it changed none."""
    match job:
        case Merge(follower_id=reader, followee_id=other):
            return reader, ViewChange(ViewChangeKind.FOLLOWED, other)
        case Unmerge(follower_id=reader, followee_id=other):
            return reader, ViewChange(ViewChangeKind.UNFOLLOWED, other)
        case MergeTag(follower_id=reader, tag=tag):
            return reader, ViewChange(ViewChangeKind.TAG_FOLLOWED, words=(tag,))
        case PublishViewChange(user_id=reader, change=change):
            return reader, change
        case _:
            return None


pack = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)


def unpack(raw: bytes) -> Job | None:
    """Decodes a job; None for bytes that are none."""
    try:
        return _decoder.decode(raw)
    except msgspec.MsgspecError:
        return None
