"""The queue of each job, and which jobs of one queue keep their order."""

from collections.abc import Mapping

from datastore.jobs.jobs import (
    AcceptFollowRequests,
    ApplyDecision,
    BuildList,
    DeleteAccount,
    EndAccessTokens,
    EndSessions,
    ErasePerson,
    FanOut,
    ForgetProfile,
    Job,
    Merge,
    MergeTag,
    Notify,
    ProcessMedia,
    PublishEdit,
    PublishProtection,
    PublishUnreadCount,
    PublishViewChange,
    Rebuild,
    RebuildLists,
    Retract,
    SendMail,
    SendPush,
    Unmerge,
)

FANOUT, TIMELINES, NOTIFICATIONS, ACCOUNTS = "fanout", "timelines", "notifications", "accounts"
MAIL, MEDIA, MODERATION, PUSH = "mail", "media", "moderation", "push"
WIDE_FANOUT = "fanout-wide"
"""Queue of posts with very many recipients: the worker that takes such a job from `fanout` moves it here."""

QUEUE_OF: Mapping[type[Job], str] = {
    FanOut: FANOUT,
    Retract: FANOUT,
    PublishEdit: FANOUT,
    Merge: TIMELINES,
    Unmerge: TIMELINES,
    MergeTag: TIMELINES,
    PublishViewChange: TIMELINES,
    PublishProtection: TIMELINES,
    Rebuild: TIMELINES,
    RebuildLists: TIMELINES,
    BuildList: TIMELINES,
    Notify: NOTIFICATIONS,
    PublishUnreadCount: NOTIFICATIONS,
    AcceptFollowRequests: ACCOUNTS,
    SendMail: MAIL,
    SendPush: PUSH,
    DeleteAccount: ACCOUNTS,
    ApplyDecision: MODERATION,
    ProcessMedia: MEDIA,
    ErasePerson: ACCOUNTS,
    ForgetProfile: ACCOUNTS,
    EndSessions: ACCOUNTS,
    EndAccessTokens: ACCOUNTS,
}


def ordering_key(job: Job) -> tuple[int, ...]:
    """Ids for a `KeyedLock`: a worker runs jobs with a common id one by one in queue order. Empty: unordered."""
    match job:
        case FanOut(author_id=int(author)) | Retract(author_id=author) | PublishEdit(author_id=author):
            return (author,)
        case Notify(actor_id=actor):
            return (actor,)
        case Merge(follower_id=reader) | Unmerge(follower_id=reader) | MergeTag(follower_id=reader):
            return (reader,)
        case PublishViewChange(user_id=reader) | BuildList(list_id=reader) | ApplyDecision(person_id=reader):
            return (reader,)
        case RebuildLists(list_ids=list_ids):
            return tuple(list_ids)
        case _:
            return ()
