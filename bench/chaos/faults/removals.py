"""Removals of tweets by moderators, half of them revoked, while workers and API processes are killed."""

import asyncio
import random
import time
from collections.abc import Sequence

from bench.chaos.experiment import Experiment, Outcome
from bench.chaos.load.history import Posted
from bench.harness.child_process import ChildProcess
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from datastore.moderation.decisions import Revocation
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.mongo.existence import GoneError
from datastore.stores import Stores
from resolvers.enqueue import try_enqueue

_TWEETS, _KILLS = 20, 4
# A writer edits the newest of its tweets only, which it could not once that is removed.
_SETTLED_SECONDS = 2.0
_PAUSE_SECONDS = 0.2
_dice = random.Random(3)


async def remove_while_killing(experiment: Experiment) -> Outcome:
    """As moderators decide, from a process beside the API's. Every other removal is revoked."""

    async def fault() -> None:
        killing = asyncio.create_task(_kill(experiment))
        decisions = [await _remove(experiment, posted) for posted in _settled(experiment)]
        for decision in [one for one in decisions if one is not None][::2]:
            await _revoke(experiment, decision)
        await killing
        await experiment.cluster.until_balanced()

    return await experiment.run(fault)


def _settled(experiment: Experiment) -> Sequence[Posted]:
    """The newest tweets that writers are done with."""
    history, limit = experiment.workload.history, time.monotonic() - _SETTLED_SECONDS
    return [one for one in history.not_deleted(history.posts) if one.acknowledged < limit][-_TWEETS:]


async def _kill(experiment: Experiment) -> None:
    for number in range(_KILLS):
        apis: Sequence[ChildProcess] = [api.process for api in experiment.cluster.apis]
        child = _dice.choice(experiment.cluster.workers if number % 2 == 0 else apis)
        await child.kill()
        await child.start()


async def _remove(experiment: Experiment, posted: Posted) -> DecisionRecord | None:
    """None if its author deleted it meanwhile."""
    stores, subject = experiment.stores, Subject(SubjectKind.TWEET, posted.tweet_id)
    author = experiment.workload.users.people[posted.author].user_id
    decision = DecisionRecord(stores.ids(), subject, author, ModerationAction.REMOVE, ReportReason.SPAM)
    line = _line(stores, decision, "REMOVE")
    try:
        jobs = await stores.moderation.decisions.insert(decision, line, version=None, mail=None)
    except GoneError:
        return None
    experiment.workload.history.removed.add(posted.tweet_id)
    await try_enqueue(stores, *jobs)
    await asyncio.sleep(_PAUSE_SECONDS)
    return decision


async def _revoke(experiment: Experiment, decision: DecisionRecord) -> None:
    stores, history = experiment.stores, experiment.workload.history
    revocation = Revocation(stores.ids(), _line(stores, decision, "REVOKE REMOVE"))
    job = await stores.moderation.decisions.revoke(decision.id, revocation)
    (tweet_id,) = (one for one in history.removed if one == decision.subject.id)
    history.removed.remove(tweet_id)
    history.restored.add(tweet_id)
    if job is not None:
        await try_enqueue(stores, job)
    await asyncio.sleep(_PAUSE_SECONDS)


def _line(stores: Stores, decision: DecisionRecord, action: str) -> LogLine:
    return LogLine(stores.ids(), None, action, (str(decision.subject.kind), decision.subject.id))
