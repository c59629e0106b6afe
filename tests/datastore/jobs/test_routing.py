"""Tests of the queue of each job, and of the order of jobs within one."""

from typing import get_args

import pytest

from core.ids import ListId, TweetId, UserId
from datastore.jobs.acts import ActKind, ViewChange, ViewChangeKind
from datastore.jobs.jobs import (
    ApplyDecision,
    BuildList,
    FanOut,
    ForgetProfile,
    Job,
    Merge,
    MergeTag,
    Notify,
    PublishEdit,
    PublishViewChange,
    RebuildLists,
    Retract,
    Unmerge,
)
from datastore.jobs.routing import QUEUE_OF, ordering_key
from datastore.records.items import ItemKind

AUTHOR, READER, TWEET = UserId(5), UserId(6), TweetId(7)


def test_each_job_has_a_queue() -> None:
    assert set(QUEUE_OF) == set(get_args(Job))


@pytest.mark.parametrize(
    ("job", "key"),
    [
        (FanOut(TWEET, AUTHOR), (AUTHOR,)),
        (FanOut(TWEET), ()),
        (Retract(1, TWEET, AUTHOR, ItemKind.TWEET), (AUTHOR,)),
        (PublishEdit(1, TWEET, AUTHOR), (AUTHOR,)),
        (Notify(1, ActKind.LIKE, AUTHOR, TWEET), (AUTHOR,)),
        (Merge(1, READER, AUTHOR), (READER,)),
        (Unmerge(1, READER, AUTHOR), (READER,)),
        (MergeTag(1, READER, "rook"), (READER,)),
        (PublishViewChange(1, READER, ViewChange(ViewChangeKind.MUTED, AUTHOR)), (READER,)),
        (ApplyDecision(1, 2, AUTHOR, TWEET), (AUTHOR,)),
        (BuildList(ListId(8)), (8,)),
        (RebuildLists(1, (ListId(8), ListId(9))), (8, 9)),
        (ForgetProfile(1, AUTHOR), ()),
    ],
    ids=lambda given: type(given).__name__ if not isinstance(given, tuple) else "".join(map(str, given)),
)
def test_jobs_of_one_id_keep_their_order(job: Job, key: tuple[int, ...]) -> None:
    assert ordering_key(job) == key
