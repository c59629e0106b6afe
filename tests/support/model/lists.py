"""Lists in the model: acts, who may see one, and its timeline by the definition."""

from core.errors import UserErrorCode
from tests.support.model import answers
from tests.support.model.answers import Entry
from tests.support.model.items import Item, MemberList
from tests.support.model.model import Model, Outcome


def create(model: Model, who: str, *, is_private: bool) -> Outcome:
    """The id of the new list is `now`."""
    number = model.tick()
    model.lists[number] = MemberList(number, who, is_private)
    return None


def set_private(model: Model, who: str, number: int, *, is_private: bool) -> Outcome:
    if wrong := _not_own(model, who, number):
        return wrong
    model.lists[number].is_private = is_private
    return None


def delete(model: Model, who: str, number: int) -> Outcome:
    if wrong := _not_own(model, who, number):
        return wrong
    del model.lists[number]
    return None


def add(model: Model, who: str, number: int, whom: str) -> Outcome:
    if wrong := _not_own(model, who, number):
        return wrong
    if not model.is_there(whom):
        return UserErrorCode.NOT_FOUND
    if model.is_blocked(who, whom):
        return UserErrorCode.FORBIDDEN
    if whom not in model.lists[number].members:
        model.lists[number].members[whom] = model.tick()
    return None


def remove(model: Model, who: str, number: int, whom: str) -> Outcome:
    if wrong := _not_own(model, who, number):
        return wrong
    if not model.is_there(whom):
        return UserErrorCode.NOT_FOUND
    model.lists[number].members.pop(whom, None)
    return None


def may_see(model: Model, viewer: str | None, number: int) -> bool:
    """A public list is seen as its owner's tweets are, a private one by its owner alone."""
    one = model.lists.get(number)
    if one is None:
        return False
    return viewer == one.owner if one.is_private else model.may_see_posts(viewer, one.owner)


def members(model: Model, number: int) -> list[str]:
    """Latest added first."""
    added = model.lists[number].members
    return sorted(added, key=lambda who: added[who], reverse=True)


def of_owner(model: Model, who: str) -> list[int]:
    """Newest first."""
    return sorted((number for number, one in model.lists.items() if one.owner == who), reverse=True)


def timeline(model: Model, viewer: str | None, number: int) -> list[Entry]:
    """The home timeline with the members alone in the place of those followed; the viewer only where they are one."""
    circle = set(model.lists[number].members)

    def reason(item: Item) -> str | None:
        if answers.is_hidden(model, viewer, item):
            return None
        return answers.circle_reason(viewer, circle, item, model.tweets[item.tweet])

    return answers.timeline(model, reason)


def _not_own(model: Model, who: str, number: int) -> Outcome:
    if not may_see(model, who, number):
        return UserErrorCode.NOT_FOUND
    return None if model.lists[number].owner == who else UserErrorCode.FORBIDDEN
