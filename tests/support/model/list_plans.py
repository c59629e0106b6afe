"""Resolves acts on lists, as plans.py does the other ones."""

from functools import partial

from tests.support.model import lists
from tests.support.model.acts import Act, Kind
from tests.support.model.plans import Plan, who_acts
from tests.support.model.stage import Stage

ON_LISTS = (Kind.CREATE_LIST, Kind.CHANGE_LIST, Kind.DELETE_LIST, Kind.ADD_TO_LIST, Kind.REMOVE_FROM_LIST)


def list_plan_of(stage: Stage, act: Act) -> Plan | None:
    """None where there is no list yet."""
    who = who_acts(stage, act)
    if act.kind is Kind.CREATE_LIST:
        is_private = act.how % 3 == 0
        wanted = {"name": f"list {stage.model.now + 1}", "isPrivate": is_private}
        line = f"{who.handle} makes a {'private' if is_private else 'public'} list"
        expect = partial(lists.create, stage.model, who.handle, is_private=is_private)
        return Plan(Kind.CREATE_LIST, who, line, {"input": wanted}, expect)
    number = _some_list(stage, act)
    if number is None:
        return None
    owner = stage.model.lists[number].owner if number in stage.model.lists else who.handle
    who = stage.person(owner) if act.how % 8 and stage.model.is_there(owner) else who
    return _on_members(stage, act, who.handle, number) or _on_list(stage, act, who.handle, number)


def _on_list(stage: Stage, act: Act, who: str, number: int) -> Plan:
    variables = {"id": stage.list_ids[number]}
    if act.kind is Kind.DELETE_LIST:
        expect = partial(lists.delete, stage.model, who, number)
        return Plan(Kind.DELETE_LIST, stage.person(who), f"{who} deletes list {number}", variables, expect)
    is_private = bool(act.which % 2)
    line = f"{who} makes list {number} {'private' if is_private else 'public'}"
    expect = partial(lists.set_private, stage.model, who, number, is_private=is_private)
    return Plan(Kind.CHANGE_LIST, stage.person(who), line, variables | {"input": {"isPrivate": is_private}}, expect)


def _on_members(stage: Stage, act: Act, who: str, number: int) -> Plan | None:
    on_model = {Kind.ADD_TO_LIST: lists.add, Kind.REMOVE_FROM_LIST: lists.remove}.get(Kind(act.kind))
    if on_model is None:
        return None
    whom = stage.people[act.whom % len(stage.people)]
    known = list(stage.model.lists[number].members) if number in stage.model.lists else []
    if act.kind is Kind.REMOVE_FROM_LIST and known and act.how % 4:
        whom = stage.person(known[act.whom % len(known)])
    line = f"{who} says {act.kind} {number} of {whom.handle}"
    variables = {"id": stage.list_ids[number], "userId": whom.id}
    return Plan(
        Kind(act.kind), stage.person(who), line, variables, partial(on_model, stage.model, who, number, whom.handle)
    )


def _some_list(stage: Stage, act: Act) -> int | None:
    """One of the newest, so that some lists have many members; deleted ones too."""
    newest = sorted(stage.list_ids, reverse=True)[:4]
    return newest[act.which % len(newest)] if newest else None
