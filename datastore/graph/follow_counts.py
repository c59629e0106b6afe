"""Counts that a follow changes, and the steps back from them once it is undone."""

from core.ids import UserId
from datastore.counts.increments import USER_COUNTERS
from datastore.counts.left_out import BY_SUSPENDED, OF_SUSPENDED
from datastore.counts.undo_batch import Undo, steps_back
from datastore.jobs.acts import ActKind
from datastore.mongo.client import Document

# By what a follow counts for: the mark with which it does not.
LEFT_OUT_BY = {"followers": BY_SUSPENDED, "following": OF_SUSPENDED}


def undo_of_follow(row: Document, undo: Undo) -> Document:
    """Document of the steps left by an undone follow, with telling the reader's timeline unless that was done."""
    ends = row["follower"], row["followee"]
    left = steps_back(
        row, USER_COUNTERS.field, [one for one in counts_of_follow(*ends) if LEFT_OUT_BY[one[1]] not in row]
    )
    if "untold" not in row:
        left["untold"] = undo.undo_id
    left["unmerged"] = [*row.get("unmerged", ()), undo.undo_id]
    of_act = {"_id": undo.undo_id, "kind": ActKind.FOLLOW, "act": row["_id"]}
    return {**of_act, "user": ends[0], "target": ends[1], "reader": ends[0], **left}


def counts_of_follow(follower: UserId, followee: UserId) -> tuple[tuple[UserId, str], ...]:
    """The counts that a follow changes."""
    return (followee, "followers"), (follower, "following")
