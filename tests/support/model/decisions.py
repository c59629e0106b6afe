"""Decisions of moderators about people in a story: written to the store, for anybody may decide there."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.auth.tokens import utc_now
from core.ids import UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from datastore.jobs.queue import enqueue
from datastore.moderation.decisions import Revocation
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.stores import Stores
from schema.values.nodes import NodeType, decode_id
from tests.support.mails.mailbox import LOGIN
from tests.support.model.acts import Act, Step
from tests.support.model.plans import who_acts
from tests.support.model.stage import Stage
from tests.support.people import PASSWORD, Person
from tests.support.waiting import eventually

_ACTIONS: Mapping[Step | int, ModerationAction] = {
    Step.SUSPEND: ModerationAction.SUSPEND,
    Step.LIMIT: ModerationAction.LIMIT,
    0: ModerationAction.SUSPEND,
    1: ModerationAction.LIMIT,
}
_SPAN = timedelta(seconds=1)
_LEAST_ACTIVE = 2


async def play_decision(stage: Stage, act: Act, *, spared: Collection[str] = ()) -> None:
    """Does nothing where there is nobody to decide about, or no decision to revoke. `spared` are not suspended."""
    if act.kind is Step.REVOKE:
        if stage.decisions:
            await _revoke(stage, stage.decisions.pop(act.which % len(stage.decisions)))
        return
    action, person = _ACTIONS[act.how % 2 if act.kind is Step.EXPIRE else Step(act.kind)], who_acts(stage, act)
    is_kept = person.handle in spared or len(stage.active()) <= _LEAST_ACTIVE
    if action is ModerationAction.SUSPEND and is_kept:
        return
    if (action, id_of(person)) in [(one.action, one.person_id) for one in stage.decisions]:
        return
    stage.note(f"{person.handle} is met by {action}")
    until = utc_now() + _SPAN if act.kind is Step.EXPIRE else None
    decision = await decide(stage.service.stores, person, action, until=until)
    (stage.model.suspend if action is ModerationAction.SUSPEND else stage.model.limit)(person.handle)
    await stage.service.settle()
    if until is None:
        stage.decisions.append(decision)
    else:
        await _ended(stage, person, decision)


async def decide(
    stores: Stores,
    person: Person,
    action: ModerationAction,
    explanation: str | None = None,
    until: datetime | None = None,
) -> DecisionRecord:
    subject = Subject(SubjectKind.PERSON, id_of(person))
    decision = DecisionRecord(stores.ids(), subject, id_of(person), action, ReportReason.SPAM, explanation, until=until)
    line = LogLine(stores.ids(), None, str(action), ("User", id_of(person)))
    await enqueue(stores.jobs.redis, *await stores.moderation.decisions.insert(decision, line, version=None, mail=None))
    return decision


async def revoke(stores: Stores, decision: DecisionRecord) -> None:
    line = LogLine(stores.ids(), None, "REVOKE", ("User", decision.person_id))
    job = await stores.moderation.decisions.revoke(decision.id, Revocation(stores.ids(), line))
    assert job is not None
    await enqueue(stores.jobs.redis, job)


async def signed_in_again(person: Person) -> Person:
    wanted = {"login": person.handle, "password": PASSWORD}
    answer = (await person.service.ask(LOGIN, {"input": wanted}))["data"]["login"]
    return replace(person, token=answer["tokens"]["accessToken"], refresh_token=answer["tokens"]["refreshToken"])


def id_of(person: Person) -> UserId:
    return UserId(decode_id(person.id, NodeType.USER))


async def _revoke(stage: Stage, decision: DecisionRecord) -> None:
    person = next(one for one in stage.people if id_of(one) == decision.person_id)
    if person.handle not in stage.model.people:
        return
    stage.note(f"{decision.action} of {person.handle} is revoked")
    await revoke(stage.service.stores, decision)
    await _take_back(stage, person, decision)


async def _ended(stage: Stage, person: Person, decision: DecisionRecord) -> None:
    """Waits until its time is over and workers have ended it."""
    decisions = stage.service.stores.moderation.decisions

    async def is_over() -> bool:
        return decision.id not in {one.id for one in await decisions.standing(decision.subject, None, 10)}

    await eventually(is_over, within=20.0)
    stage.note(f"{decision.action} of {person.handle} ends by itself")
    await _take_back(stage, person, decision)


async def _take_back(stage: Stage, person: Person, decision: DecisionRecord) -> None:
    if decision.action is ModerationAction.SUSPEND:
        stage.model.unsuspend(person.handle)
        stage.people[stage.people.index(person)] = await signed_in_again(person)
    else:
        stage.model.unlimit(person.handle)
    await stage.service.settle()
