"""Tests of jobs as they stand in a queue, and of the changes of viewpoints that they name."""

import pytest

from core.ids import ListId, TweetId, UserId
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import (
    BuildList,
    FanOut,
    Job,
    Merge,
    MergeTag,
    PublishProtection,
    PublishViewChange,
    Unmerge,
    pack,
    unpack,
    view_change,
)

READER, OTHER = UserId(5), UserId(6)
MUTED = ViewChange(ViewChangeKind.MUTED, OTHER)


def test_job_that_was_packed_is_the_same() -> None:
    jobs: list[Job] = [FanOut(TweetId(7)), PublishViewChange(1, READER, MUTED), BuildList(ListId(3))]
    assert [unpack(pack(job)) for job in jobs] == jobs


@pytest.mark.parametrize(
    "raw", [b"", b"\xc1", pack({"type": "unheard_of"}), pack({"type": "merge", "act_id": 1})], ids=range(4)
)
def test_bytes_that_are_no_job_are_none(raw: bytes) -> None:
    assert unpack(raw) is None


@pytest.mark.parametrize(
    ("job", "change"),
    [
        (Merge(1, READER, OTHER), ViewChange(ViewChangeKind.FOLLOWED, OTHER)),
        (Unmerge(1, READER, OTHER), ViewChange(ViewChangeKind.UNFOLLOWED, OTHER)),
        (MergeTag(1, READER, "rook"), ViewChange(ViewChangeKind.TAG_FOLLOWED, words=("rook",))),
        (PublishViewChange(1, READER, MUTED), MUTED),
    ],
    ids=["follow", "unfollow", "hashtag", "mute"],
)
def test_job_names_whose_viewpoint_changed(job: Job, change: ViewChange) -> None:
    assert view_change(job) == (READER, change)


def test_other_jobs_change_no_viewpoint() -> None:
    assert view_change(PublishProtection(1, READER, is_protected=True)) is None
    assert view_change(FanOut(TweetId(7), READER)) is None
