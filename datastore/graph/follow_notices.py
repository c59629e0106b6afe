"""Jobs that notify of a follow, or unmake its notification."""

from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Merge, Notify, Unmerge


def follow_notice(act: Merge) -> Notify:
    """The job that notifies the followee, and the follower whose request was accepted."""
    return Notify(act.act_id, ActKind.FOLLOW, act.follower_id, act.followee_id)


def unfollow_notice(act: Unmerge) -> Notify:
    """The job that removes the followee's notification."""
    return Notify(act.act_id, ActKind.FOLLOW, act.follower_id, act.followee_id, is_undone=True)
