"""Fields of a user that may be hidden from the viewer, and their counts."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from datastore.records.users import UserCounts, UserRecord
from datastore.timelines.rules import may_see_user
from datastore.users.viewpoint_records import Viewpoint
from engine import Results, batch_field
from schema.request.context import Info, RequestContext
from schema.request.dataloader import load_all


class PresentedUser(Protocol):
    """The part of the User type that these fields read."""

    record: UserRecord
    visible: UserRecord | None


def bio_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(
        preloaded_at="visible.bio",
        description="Description of themselves, up to 160 characters; null where the viewer may not see their tweets: "
        "after a block, and for strangers if the account is protected.",
    )
    def resolve(people: list[PresentedUser], info: Info) -> Results[str | None]:
        return _unless_hidden(people, info, lambda record: record.bio, may_see_user)

    return resolve


def avatar_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(
        preloaded_at="visible",
        presented_by=_avatar_url,
        description="Address of their picture, 150 pixels at most; null for people they block.",
    )
    def resolve(people: list[PresentedUser], info: Info) -> Results[str | None]:
        return _unless_hidden(people, info, lambda record: _avatar_url(record, info.context), _is_no_blocker)

    return resolve


def banner_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(
        preloaded_at="visible",
        presented_by=_banner_url,
        description="Address of the picture above their profile; null for people they block.",
    )
    def resolve(people: list[PresentedUser], info: Info) -> Results[str | None]:
        return _unless_hidden(people, info, lambda record: _banner_url(record, info.context), _is_no_blocker)

    return resolve


def count_field(name: str, description: str) -> Any:  # noqa: ANN401 - a field
    """A count of the user, by its name in UserCounts."""
    count: Callable[[UserCounts], int] = attrgetter(name)

    @batch_field(description=description)
    def resolve(people: list[PresentedUser], info: Info) -> Results[int]:
        return load_all(info.context.user_counts, [person.record.id for person in people], count)

    return resolve


def _avatar_url(record: UserRecord, context: RequestContext) -> str | None:
    return record.avatar and f"{context.services.served_at.url}{record.avatar}"


def _banner_url(record: UserRecord, context: RequestContext) -> str | None:
    return record.banner and f"{context.services.served_at.url}{record.banner}"


def _unless_hidden(
    people: Sequence[PresentedUser],
    info: Info,
    read: Callable[[UserRecord], str | None],
    is_seen: Callable[[Viewpoint, UserRecord], bool],
) -> Results[str | None]:
    """Text that is None where the viewer may not see it; users that passed the rules need no check."""
    records = [person.record for person in people]
    if all(person.visible is not None for person in people):
        return [read(record) for record in records]
    view = info.context.local_viewpoint
    if view is not None:
        return [read(record) if is_seen(view, record) else None for record in records]
    return _read_seen(records, info, read, is_seen)


async def _read_seen(
    records: Sequence[UserRecord],
    info: Info,
    read: Callable[[UserRecord], str | None],
    is_seen: Callable[[Viewpoint, UserRecord], bool],
) -> list[str | None]:
    view = await info.context.viewpoint
    return [read(record) if is_seen(view, record) else None for record in records]


def _is_no_blocker(view: Viewpoint, user: UserRecord) -> bool:
    return user.id not in view.blockers
