"""Clients that post, edit, delete, follow, read and subscribe; each retries a write until it is acknowledged."""

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench.chaos.load.history import History, Posted, Read, Subscription, WriteAttempt
from bench.chaos.load.subscriber import watch
from bench.chaos.load.users import Person, Users, tweet_number
from bench.harness.waiting import until
from datastore.mongo.bulk import chunked
from schema.values.nodes import NodeType, global_id

_POST = """mutation Post($input: PostTweetInput!) { postTweet(input: $input) {
  tweet { id } userErrors { code } } }"""
_DELETE = "mutation Delete($id: ID!) { deleteTweet(id: $id) { deletedId userErrors { code } } }"
_FOLLOW = "mutation Follow($id: ID!) { follow(userId: $id) { userErrors { code } } }"
_UNFOLLOW = "mutation Unfollow($id: ID!) { unfollow(userId: $id) { userErrors { code } } }"
_HOME = """query Home { homeTimeline(first: 20) { edges { node { ... on Tweet { id } } } } }"""
_EDIT = """mutation Edit($input: EditTweetInput!) { editTweet(input: $input) {
  tweet { id } userErrors { code } } }"""
_DELETED_SHARE, _EDITED_SHARE = 0.05, 0.2
_AGAIN_SECONDS = 0.1
_READERS_AT_ONCE = 8
_RETRY_SECONDS = 90.0
# Clients connect gradually; only a fault makes many of them connect at once.
_BEGIN_AT_ONCE = 50


class GaveUpError(Exception):
    """A write was refused for longer than any fault lasts."""


class Workload:
    """The clients' acts; `history` records them."""

    def __init__(self, users: Users, pace: float) -> None:
        self.users, self.history = users, History()
        self._pace = pace
        self._numbers = itertools.count()
        self._dice = random.Random(1)
        self._going = asyncio.Event()
        self._going.set()
        self._acting = 0

    @asynccontextmanager
    async def halted(self) -> AsyncIterator[None]:
        """Stops writing during the context, with all writes acknowledged; reads and subscriptions go on."""
        self._going.clear()
        try:
            await until(self._is_still, within=2 * _RETRY_SECONDS)
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
        """One client that posts as several authors, edits some of its tweets and deletes others."""
        mine: list[tuple[Person, Posted]] = []
        while not stop.is_set():
            author = self.users.people[self._dice.choice(authors)]
            async with self._act():
                mine.append((author, await self.post(author)))
                if self._dice.random() < _EDITED_SHARE:
                    await self._edit(*mine[-1])
                if self._dice.random() < _DELETED_SHARE:
                    await self._delete(*mine.pop(self._dice.randrange(len(mine))))
            await _pause(stop, self._dice.expovariate(1 / self._pace))

    async def post(self, author: Person) -> Posted:
        """Retries with an idempotency key until the tweet is acknowledged."""
        text = self._text()
        payload = await self._insist(author, _POST, input={"text": text, "idempotencyKey": secrets.token_hex(8)})
        posted = Posted(author.number, text, tweet_number(payload["postTweet"]["tweet"]["id"]), time.monotonic())
        self.history.posts.append(posted)
        return posted

    async def change_follows(self, person: Person, stop: asyncio.Event) -> None:
        """Follows and unfollows random authors."""
        follows = self.history.follows[person.number] = {*self.users.population.plan.followees[person.number]}
        while not stop.is_set():
            author = self._dice.choice([one for one in range(self.users.authors) if one != person.number])
            document = _UNFOLLOW if author in follows else _FOLLOW
            async with self._act():
                await self._insist(person, document, id=self.users.people[author].global_id)
                follows ^= {author}
            await _pause(stop, self._dice.expovariate(1 / (4 * self._pace)))

    async def read(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            person, began = self._dice.choice(self.users.people), time.monotonic()
            answer = await self.users.ask(person, _HOME)
            edges = [] if answer.trouble else answer.data["homeTimeline"]["edges"]
            ids = [tweet_number(edge["node"]["id"]) for edge in edges]
            self.history.reads.append(Read(person.number, began, time.monotonic(), answer.trouble, ids))
            await _pause(stop, self._dice.expovariate(4 / self._pace))

    async def read_all(self) -> None:
        """Reads the home timeline of each person once."""

        async def read_each(people: Sequence[Person]) -> None:
            for person in people:
                await self.users.ask(person, _HOME)

        people = self.users.people
        await asyncio.gather(*[read_each(people[start::_READERS_AT_ONCE]) for start in range(_READERS_AT_ONCE)])

    async def watch(self, person: Person, stop: asyncio.Event) -> None:
        subscription = Subscription(person.number)
        self.history.subscriptions.append(subscription)
        await watch(self.users, person, subscription, stop)

    def _text(self) -> str:
        return f"{secrets.token_hex(4)} is nest {next(self._numbers)}"

    async def _edit(self, author: Person, posted: Posted) -> None:
        """A retry of an edit that was done changes nothing."""
        text = self._text()
        await self._insist(author, _EDIT, input={"id": _node(posted), "text": text})
        self.history.edited[posted.tweet_id] = text

    async def _delete(self, author: Person, posted: Posted) -> None:
        self.history.deleted[posted.tweet_id] = float("inf")
        await self._insist(author, _DELETE, id=_node(posted))
        self.history.deleted[posted.tweet_id] = time.monotonic()

    async def _insist(self, person: Person, document: str, **variables: object) -> dict[str, dict[str, dict[str, str]]]:
        until = time.monotonic() + _RETRY_SECONDS
        while True:
            began = time.monotonic()
            answer = await self.users.ask(person, document, **variables)
            self.history.tries.append(WriteAttempt(began, time.monotonic(), answer.trouble))
            if answer.trouble is None:
                data: dict[str, dict[str, dict[str, str]]] = answer.data
                return data
            if time.monotonic() > until:
                raise GaveUpError(f"{answer.trouble}: {document} {variables}")
            await asyncio.sleep(_AGAIN_SECONDS * (0.5 + self._dice.random()))


@asynccontextmanager
async def under_load(
    users: Users, *, writers: int, readers: int, watchers: int, pace: float = 0.5
) -> AsyncIterator[Workload]:
    """Each client acts every `pace` seconds, readers four times as often. At the end all finish their current act.

    The last two people change their follows; those before them subscribe, on several devices where there are more
    subscribers than people.
    """
    workload, stop = Workload(users, pace), asyncio.Event()
    followers, others = users.people[-2:], users.people[-3::-1]
    watching = itertools.islice(itertools.cycle(others), watchers)
    share = users.authors // writers
    async with asyncio.TaskGroup() as group:
        for some in chunked(watching, _BEGIN_AT_ONCE):
            for person in some:
                group.create_task(workload.watch(person, stop))
            await _until_live(workload.history, len(workload.history.subscriptions) + len(some))
        for number in range(writers):
            group.create_task(workload.write(range(number * share, (number + 1) * share), stop))
        for person in followers:
            group.create_task(workload.change_follows(person, stop))
        for _ in range(readers):
            group.create_task(workload.read(stop))
        try:
            yield workload
        finally:
            stop.set()


async def _until_live(history: History, watchers: int) -> None:
    """Waits until so many subscriptions are live."""

    async def are_live() -> bool:
        return sum(subscription.is_live for subscription in history.subscriptions) == watchers

    await until(are_live, within=_RETRY_SECONDS)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _node(posted: Posted) -> str:
    return global_id(NodeType.TWEET, posted.tweet_id)
