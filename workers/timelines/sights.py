"""Sights of live readers: by what their home timeline is judged now, and was at each moment since they were last told.

In between lie acts whose jobs are unfinished: changes of the reader's viewpoint, and of people whom moderators limit or
suspend or who protect their account.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from msgspec import structs

from core.ids import TweetId, UserId
from core.moderation import ModerationAction
from datastore.jobs.acts import ViewChange
from datastore.jobs.jobs import ApplyDecision, PublishProtection
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoint_records import Viewpoint, viewpoints_before

_FIELD_OF: Final = {ModerationAction.SUSPEND: "is_suspended", ModerationAction.LIMIT: "is_limited"}


class PersonChange(NamedTuple):
    """The `field` of the person's profile became `value`."""

    user_id: UserId
    field: str
    value: bool


Change: TypeAlias = ViewChange | PersonChange


@dataclass(frozen=True, slots=True)
class PeopleChanges:
    """Changes of people whose jobs are unfinished, by act. `now`: the people's profiles, read after the changes."""

    by_act: Mapping[int, PersonChange]
    now: Mapping[UserId, UserRecord]

    def among(self, user_ids: Collection[UserId]) -> "PeopleChanges":
        by_act = {act: change for act, change in self.by_act.items() if change.user_id in user_ids}
        return PeopleChanges(by_act, {change.user_id: self.now[change.user_id] for change in by_act.values()})


class Sight(NamedTuple):
    """A viewpoint, and the profiles of the people who are to be taken for what these say."""

    view: Viewpoint
    people: Mapping[UserId, UserRecord]

    def user(self, user: UserRecord | None) -> UserRecord | None:
        return None if user is None else self.people.get(user.id, user)

    def item(self, shown: HydratedItem) -> HydratedItem:
        if not self.people:
            return shown
        return structs.replace(shown, author=self.user(shown.author), poster=self.user(shown.poster))


class LiveReader(NamedTuple):
    """`before`: the sights before each act that the reader was not told of, oldest first. `log`: the retweets of the
    tweet by the circles of all these sights.
    """

    now: Sight
    before: Sequence[Sight]
    log: RetweetLog

    @property
    def user_id(self) -> UserId:
        return self.now.view.user_id

    @property
    def sights(self) -> list[Sight]:
        """Oldest first, the current one last."""
        return [*self.before, self.now]


async def people_changes(stores: Stores) -> PeopleChanges:
    jobs = await stores.jobs.outbox.changes.about_people()
    decided = [job.decision_id for job in jobs if isinstance(job, ApplyDecision)]
    decisions = await stores.moderation.decisions.get_many(decided)
    by_act = dict[int, PersonChange]()
    for job in jobs:
        if isinstance(job, PublishProtection):
            by_act[job.act_id] = PersonChange(job.user_id, "is_protected", job.is_protected)
        elif (decision := decisions.get(job.decision_id)) is not None and decision.action in _FIELD_OF:
            begins = job.act_id == job.decision_id
            by_act[job.act_id] = PersonChange(job.person_id, _FIELD_OF[decision.action], begins)
    now = await stores.users.accounts.get_many_uncached({change.user_id for change in by_act.values()})
    return PeopleChanges({act: change for act, change in by_act.items() if change.user_id in now}, now)


def sights_before(
    view: Viewpoint, changes: Mapping[int, Change], people: Mapping[UserId, UserRecord], followed: Collection[UserId]
) -> list[Sight]:
    """The reader's sight before each of the changes, by act, oldest first, and last the current one.

    `people` as they are now. `followed`: those of them whom the reader follows; a viewpoint leaves out the suspended.
    """
    view = structs.replace(view, followees=view.followees.union(followed)) if followed else view
    sights = [_sight(view, people)]
    for _, change in sorted(changes.items(), key=itemgetter(0), reverse=True):
        if isinstance(change, PersonChange):
            before = structs.replace(people[change.user_id], **{change.field: not change.value})
            people = {**people, change.user_id: before}
        else:
            (view,) = viewpoints_before(view, [change])
        sights.append(_sight(view, people))
    return sights[::-1]


async def live_readers(
    stores: Stores, page: Sequence[UserId], tweet_id: TweetId, whole: RetweetLog, concerned: Collection[UserId | None]
) -> list[LiveReader]:
    """Those of the page who are live. `whole` has the retweets of the tweet.

    `concerned`: authors of the items in question and whom they answer; those of `whole` are, too.
    """
    live = await stores.timelines.home_log.live_among(page)
    if not live:
        return []
    views = await stores.users.viewpoints.get_many(live)
    changes = await stores.jobs.outbox.view_changes(live)  # after the viewpoints: else one done in between is missed
    people = await people_changes(stores)
    if whole.is_whole:
        retweeters = [user_id for _, user_id in whole.entries]
        people = people.among({user_id for user_id in (*concerned, *retweeters) if user_id is not None})
    followed = await _followed(stores, people, live)
    readers = []
    for view in views:
        unpublished = await unpublished_among(stores, view.user_id, {**changes[view.user_id], **people.by_act})
        *before, now = sights_before(view, unpublished, people.now, followed[view.user_id])
        circle = frozenset[UserId]().union(*[sight.view.circle for sight in (*before, now)])
        log = whole if whole.is_whole else await stores.tweets.retweets.log_by(tweet_id, sorted(circle))
        readers.append(LiveReader(now, before, log))
    return readers


async def unpublished_among(stores: Stores, reader: UserId, changes: Mapping[int, Change]) -> dict[int, Change]:
    """Those of the changes, by act, that the reader's event log does not have."""
    published = await stores.timelines.home.published_among(reader, list(changes)) if changes else ()
    return {act: change for act, change in changes.items() if act not in published}


def _sight(view: Viewpoint, people: Mapping[UserId, UserRecord]) -> Sight:
    suspended = {user.id for user in people.values() if user.is_suspended}
    return Sight(structs.replace(view, followees=view.followees - suspended) if suspended else view, people)


async def _followed(stores: Stores, people: PeopleChanges, readers: Sequence[UserId]) -> dict[UserId, set[UserId]]:
    """For each reader those of the people whom they follow."""
    found: dict[UserId, set[UserId]] = {reader: set() for reader in readers}
    for user_id in people.now:
        for reader in await stores.users.follows.followers_among(user_id, readers):
            found[reader].add(user_id)
    return found
