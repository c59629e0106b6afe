"""Subjects of reports and decisions as their readers see them. Moderators see all of them; what they read of protected
tweets stands in the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from core.ids import UserId
from core.moderation import Subject, SubjectKind
from core.roles import Role
from datastore.hydration import hydrate
from datastore.moderation.log import READ, LogLine
from datastore.moderation.subjects import SubjectRecord
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import HydratedItem, may_see
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.moderation.roles import role_of
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of


@dataclass(frozen=True, slots=True)
class SeenSubject:
    shown: HydratedItem | UserRecord
    version: str


async def seen_subjects(
    services: Services, identity: Identity | None, subjects: Sequence[Subject]
) -> list[SeenSubject | None]:
    """In the order given; None for one that is gone, and for one that the viewer may not see and does not moderate."""
    found = await services.stores.moderation.subjects.get_many(subjects)
    view = await viewpoint_of(services.stores.users, identity)
    shown = await _shown(services, view, found)
    hidden = await _hidden(services.stores.users, view, shown)
    if hidden and identity is not None and (await role_of(services.stores.users, identity)).includes(Role.MODERATOR):
        await _note_reading(services, identity, [one for one in hidden if _is_protected(shown[one])])
        hidden = set()
    return [
        SeenSubject(shown[subject], found[subject].version) if subject in shown and subject not in hidden else None
        for subject in subjects
    ]


async def _shown(
    services: Services, view: Viewpoint, found: Mapping[Subject, SubjectRecord]
) -> dict[Subject, HydratedItem | UserRecord]:
    """Tweets with their authors, whatever was decided about these."""
    shown: dict[Subject, HydratedItem | UserRecord] = {
        one: record.shown for one, record in found.items() if isinstance(record.shown, UserRecord)
    }
    tweets = [record.shown for record in found.values() if isinstance(record.shown, TweetRecord)]
    hydrated = list(await hydrate(services.stores, view, tweets)) if tweets else []
    lacking = [Subject(SubjectKind.PERSON, one.item.author_id) for one in hydrated if one.author is None]
    authors = await services.stores.moderation.subjects.get_many(lacking)
    for one in hydrated:
        author = one.author or authors.get(Subject(SubjectKind.PERSON, one.item.author_id))
        if isinstance(author, SubjectRecord):
            author = author.shown if isinstance(author.shown, UserRecord) else None
        if author is not None:
            shown[Subject(SubjectKind.TWEET, one.item.id)] = replace(one, author=author, poster=author)
    return shown


async def _hidden(
    users: UserStores, view: Viewpoint, shown: Mapping[Subject, HydratedItem | UserRecord]
) -> set[Subject]:
    """Those that the viewer may not see by the rules."""
    ids = list({UserId(one.id) if isinstance(one, UserRecord) else one.item.author_id for one in shown.values()})
    people = dict(zip(ids, await users.accounts.get_many(ids), strict=True))

    def is_seen(one: HydratedItem | UserRecord) -> bool:
        if isinstance(one, UserRecord):
            return people[one.id] is not None
        return may_see(view, replace(one, author=people[one.item.author_id]))

    return {subject for subject, one in shown.items() if not is_seen(one)}


def _is_protected(shown: HydratedItem | UserRecord) -> bool:
    return isinstance(shown, HydratedItem) and shown.author is not None and shown.author.is_protected


async def _note_reading(services: Services, identity: Identity, subjects: Sequence[Subject]) -> None:
    ids = services.stores.ids
    lines = [LogLine(ids(), identity.user_id, READ, (str(one.kind), one.id)) for one in subjects]
    await services.stores.moderation.log.append_readings(identity.user_id, lines)
