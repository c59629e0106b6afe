"""People who post, read, delete, follow, and watch live, whatever breaks: each goes on until what it wants is done."""

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench.chaos.crowd import Crowd, Person, tweet_number
from bench.chaos.record import Posted, Read, Record, Tried, Watched
from bench.chaos.watching import watch
from bench.harness.waiting import until
from datastore.mongo.bulk import chunked
from schema.values.nodes import NodeType, global_id

_POST = """mutation Post($input: PostTweetInput!) { postTweet(input: $input) {
  tweet { id } userErrors { code } } }"""
_DELETE = "mutation Delete($id: ID!) { deleteTweet(id: $id) { deletedId userErrors { code } } }"
_FOLLOW = "mutation Follow($id: ID!) { follow(userId: $id) { userErrors { code } } }"
_UNFOLLOW = "mutation Unfollow($id: ID!) { unfollow(userId: $id) { userErrors { code } } }"
_HOME = """query Home { homeTimeline(first: 20) { edges { node { ... on Tweet { id } } } } }"""
_DELETED_SHARE = 0.05
_AGAIN_SECONDS = 0.1
_LOOK_AT_ONCE = 8
_PATIENCE_SECONDS = 90.0
# People come one after the other; only a fault sends many at one moment.
_BEGIN_AT_ONCE = 50


class GaveUpError(Exception):
    """What somebody wanted was refused for longer than any fault lasts."""


class Load:
    """`record` has what happened so far."""

    def __init__(self, crowd: Crowd, pace: float) -> None:
        self.crowd, self.record = crowd, Record()
        self._pace = pace
        self._numbers = itertools.count()
        self._dice = random.Random(1)
        self._going = asyncio.Event()
        self._going.set()
        self._acting = 0

    @asynccontextmanager
    async def halted(self) -> AsyncIterator[None]:
        """Nobody writes meanwhile, and all that was begun is acknowledged; reading and watching go on."""
        self._going.clear()
        try:
            await until(self._is_still, within=2 * _PATIENCE_SECONDS)
            yield
        finally:
            self._going.set()

    async def _is_still(self) -> bool:
        return self._acting == 0

    @asynccontextmanager
    async def _act(self) -> AsyncIterator[None]:
        await self._going.wait()
        self._acting += 1
        try:
            yield
        finally:
            self._acting -= 1

    async def write(self, authors: range, stop: asyncio.Event) -> None:
        """One client, that posts as several people and deletes some of what it posted."""
        mine: list[tuple[Person, Posted]] = []
        while not stop.is_set():
            author = self.crowd.people[self._dice.choice(authors)]
            async with self._act():
                mine.append((author, await self.post(author)))
                if self._dice.random() < _DELETED_SHARE:
                    await self._delete(*mine.pop(self._dice.randrange(len(mine))))
            await _pause(stop, self._dice.expovariate(1 / self._pace))

    async def post(self, author: Person) -> Posted:
        """With a key, again and again until it is acknowledged."""
        text = f"{secrets.token_hex(4)} is nest {next(self._numbers)}"
        payload = await self._insist(author, _POST, input={"text": text, "idempotencyKey": secrets.token_hex(8)})
        posted = Posted(author.number, text, tweet_number(payload["postTweet"]["tweet"]["id"]), time.monotonic())
        self.record.posts.append(posted)
        return posted

    async def change_mind(self, person: Person, stop: asyncio.Event) -> None:
        """Follows and unfollows authors, one after the other."""
        follows = self.record.follows[person.number] = {*self.crowd.population.plan.followees[person.number]}
        while not stop.is_set():
            author = self._dice.choice([one for one in range(self.crowd.authors) if one != person.number])
            document = _UNFOLLOW if author in follows else _FOLLOW
            async with self._act():
                await self._insist(person, document, id=self.crowd.people[author].global_id)
                follows ^= {author}
            await _pause(stop, self._dice.expovariate(1 / (4 * self._pace)))

    async def read(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            person, began = self._dice.choice(self.crowd.people), time.monotonic()
            answer = await self.crowd.ask(person, _HOME)
            edges = [] if answer.trouble else answer.data["homeTimeline"]["edges"]
            ids = [tweet_number(edge["node"]["id"]) for edge in edges]
            self.record.reads.append(Read(person.number, began, time.monotonic(), answer.trouble, ids))
            await _pause(stop, self._dice.expovariate(4 / self._pace))

    async def read_all(self) -> None:
        """Everybody looks at their home timeline once."""

        async def look(people: Sequence[Person]) -> None:
            for person in people:
                await self.crowd.ask(person, _HOME)

        people = self.crowd.people
        await asyncio.gather(*[look(people[start::_LOOK_AT_ONCE]) for start in range(_LOOK_AT_ONCE)])

    async def watch(self, person: Person, stop: asyncio.Event) -> None:
        watched = Watched(person.number)
        self.record.watches.append(watched)
        await watch(self.crowd, person, watched, stop)

    async def _delete(self, author: Person, posted: Posted) -> None:
        self.record.deleted[posted.tweet_id] = float("inf")
        await self._insist(author, _DELETE, id=_node(posted))
        self.record.deleted[posted.tweet_id] = time.monotonic()

    async def _insist(self, person: Person, document: str, **variables: object) -> dict[str, dict[str, dict[str, str]]]:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            began = time.monotonic()
            answer = await self.crowd.ask(person, document, **variables)
            self.record.tries.append(Tried(began, time.monotonic(), answer.trouble))
            if answer.trouble is None:
                data: dict[str, dict[str, dict[str, str]]] = answer.data
                return data
            if time.monotonic() > until:
                raise GaveUpError(f"{answer.trouble}: {document} {variables}")
            await asyncio.sleep(_AGAIN_SECONDS * (0.5 + self._dice.random()))


@asynccontextmanager
async def under_load(
    crowd: Crowd, *, writers: int, readers: int, watchers: int, pace: float = 0.5
) -> AsyncIterator[Load]:
    """Each client acts every `pace` seconds, readers four times as often. In the end all finish what they are at.

    The last people change their minds about whom they follow; those before them watch, on as many devices as it takes.
    """
    load, stop = Load(crowd, pace), asyncio.Event()
    minds, others = crowd.people[-2:], crowd.people[-3::-1]
    watching = itertools.islice(itertools.cycle(others), watchers)
    share = crowd.authors // writers
    async with asyncio.TaskGroup() as group:
        for some in chunked(watching, _BEGIN_AT_ONCE):
            for person in some:
                group.create_task(load.watch(person, stop))
            await _live(load.record, len(load.record.watches) + len(some))
        for number in range(writers):
            group.create_task(load.write(range(number * share, (number + 1) * share), stop))
        for person in minds:
            group.create_task(load.change_mind(person, stop))
        for _ in range(readers):
            group.create_task(load.read(stop))
        try:
            yield load
        finally:
            stop.set()


async def _live(record: Record, watchers: int) -> None:
    """So many."""

    async def are_live() -> bool:
        return sum(watched.is_live for watched in record.watches) == watchers

    await until(are_live, within=_PATIENCE_SECONDS)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _node(posted: Posted) -> str:
    return global_id(NodeType.TWEET, posted.tweet_id)
