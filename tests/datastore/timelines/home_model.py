"""Model of one home timeline in Redis: it makes each change there too, and checks the answer, the list and the log."""

from dataclasses import dataclass, field

from redis.asyncio import Redis

from core.ids import UserId
from datastore.records.items import ItemKind
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.changes import StreamPosition
from datastore.timelines.event_log import home_log
from datastore.timelines.home import HomeTimelineStore, WindowState


@dataclass(slots=True)
class HomeModel:
    """One user's timeline: `items` as in MongoDB, `found` as read there by a rebuild."""

    redis: Redis
    pipeline: CommandPipeline
    length: int
    user_id: UserId
    store: HomeTimelineStore = field(init=False)
    items: set[int] = field(default_factory=set)
    ids: list[int] = field(default_factory=list)
    state: WindowState = WindowState.ABSENT
    found: list[int] | None = None
    is_superseded: bool = False
    published: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = HomeTimelineStore(self.redis, self.pipeline, self.length)

    @property
    def is_logged(self) -> bool:
        return self.state in (WindowState.COMPLETE, WindowState.TRUNCATED)

    def newest(self, ids: set[int]) -> list[int]:
        return sorted(ids, reverse=True)[: self.length]

    def within(self, ids: set[int]) -> set[int]:
        """The subset within the window."""
        return {id_ for id_ in ids if self.state is not WindowState.TRUNCATED or id_ > self.ids[-1]}

    async def push(self, item: int) -> None:
        before = self.ids
        self.items.add(item)
        if self.state is not WindowState.ABSENT:
            self.ids = self.newest({*before, *self.within({item})})
        is_new = item in self.ids and item not in before
        if is_new and self.is_logged:
            self.published.append(("add", item))
        assert await self.store.push([self.user_id], item) == is_new

    async def remove(self, item: int) -> None:
        was_there = item in self.ids
        self.items.discard(item)
        if was_there and self.state is WindowState.BUILDING and len(self.ids) >= self.length:
            self.is_superseded = True
        self.ids = [id_ for id_ in self.ids if id_ != item]
        if was_there and self.is_logged:
            self.published.append(("del", item))
        if self.state is WindowState.TRUNCATED and not self.ids:
            self.state = WindowState.ABSENT
        assert await self.store.remove([self.user_id], [(ItemKind.TWEET, item)]) == was_there

    async def merge(self, items: frozenset[int]) -> None:
        before = self.ids
        self.items |= items
        given_ids = sorted(items, reverse=True)[: self.length + 1]
        if self.state is WindowState.ABSENT:
            assert await self.store.merge(self.user_id, given_ids) == -1
            return
        self.ids = self.newest({*before, *self.within(set(given_ids))})
        added = len(set(self.ids) - set(before))
        if added and self.is_logged:
            self.published.append(("reset", 0))
        assert await self.store.merge(self.user_id, given_ids) == added

    async def begin(self) -> None:
        is_free = self.state is WindowState.ABSENT or self.is_superseded
        assert await self.store.begin_build(self.user_id, "token") == is_free
        if is_free:
            self.state, self.ids, self.found, self.is_superseded = WindowState.BUILDING, [], None, False

    def query(self) -> None:
        self.found = self.newest(self.items)

    async def commit(self) -> None:
        if self.found is None:
            self.query()
        found = self.found or []
        is_expected = self.state is WindowState.BUILDING and not self.is_superseded
        is_complete = len(found) < self.length
        assert await self.store.commit_build(self.user_id, "token", found, complete=is_complete) == is_expected
        if is_expected:
            self.items |= set(found)
            self.ids = self.newest({*self.ids, *found})
            self.state = WindowState.COMPLETE if is_complete else WindowState.TRUNCATED
            self.published += [("reset", 0)] if self.ids else []
        self.found = None

    async def drop(self) -> None:
        await self.store.drop(self.user_id)
        self.state, self.ids, self.found, self.is_superseded = WindowState.ABSENT, [], None, False

    async def check(self) -> None:
        window = await self.store.range(self.user_id, 100)
        if self.state is WindowState.COMPLETE and window.state is WindowState.TRUNCATED:
            assert len(self.items) >= self.length
            self.state = WindowState.TRUNCATED
        if self.state is WindowState.COMPLETE:
            assert self.ids == sorted(self.items, reverse=True)
        if self.state is WindowState.TRUNCATED:
            assert self.ids == sorted((item for item in self.items if item >= self.ids[-1]), reverse=True)
        assert window.state is self.state
        assert window.ids == (self.ids if self.is_logged else [])
        assert window.floor == (self.ids[-1] if self.state is WindowState.TRUNCATED else 0)
        assert await self.store.ids(self.user_id) == self.ids

    async def check_log(self, start: StreamPosition) -> None:
        """Every published entry exactly once, numbered without a gap, with its content."""
        found = await home_log(self.pipeline).range(self.user_id, start, 1000)
        assert found.changes is not None
        assert [(change.kind.value, change.item_id) for change in found.changes] == self.published
        places = [StreamPosition(start.epoch, place) for place in range(len(self.published))]
        assert [change.position for change in found.changes] == places
        assert found.end == StreamPosition(start.epoch, len(self.published) - 1)
