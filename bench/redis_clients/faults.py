"""Puts all clients through one fault of a cluster at the same moment, and notes what each of them loses."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.redis_clients.client import Client, HomeRead, OnMessage, Store
from bench.redis_clients.peers import Peer
from datastore.redis import keys
from datastore.redis.client import REDIS_FAILURES, open_redis
from datastore.redis.cluster.slots import slot_of

_COMMAND_EVERY_SECONDS = 0.01
_PUBLISH_EVERY_SECONDS = 0.02
_BEFORE_SECONDS = 1.0
_END_SECONDS = 5.0


@dataclass(slots=True)
class CommandOutage:
    """One command, repeated. `back_after`: seconds from the fault to the first success that no error follows, None if
    there is none; `longest_wait`: seconds until a reply or an error; `ended_by`: the error that ended the client.
    """

    errors: Counter[str] = field(default_factory=Counter)
    back_after: float | None = None
    longest_wait: float = 0.0
    ended_by: str = ""

    @property
    def text(self) -> str:
        errors = ", ".join(f"{count} {name}" for name, count in self.errors.most_common()) or "no error"
        return f"{_after(self.back_after, self.ended_by)}; {errors}; longest wait {self.longest_wait:.2f} s"


@dataclass(slots=True)
class SubscriptionOutage:
    """One sharded subscription. `back_after`: seconds from the fault to the first message that was sent after it;
    `gaps`: how often the client reported that messages may be missing. `messages` and `gaps` count from the fault on.
    """

    messages: int = 0
    gaps: int = 0
    back_after: float | None = None
    ended_by: str = ""

    @property
    def text(self) -> str:
        return f"{_after(self.back_after, self.ended_by)}; {self.messages} messages, {self.gaps} gaps reported"


@dataclass(slots=True)
class ClientOutage:
    """`reads` and `writes` are of the slot that the fault hits, `other_reads` of another shard. `idle_subscription` is
    that of a second client, which sends no commands.
    """

    reads: CommandOutage = field(default_factory=CommandOutage)
    writes: CommandOutage = field(default_factory=CommandOutage)
    other_reads: CommandOutage = field(default_factory=CommandOutage)
    subscription: SubscriptionOutage = field(default_factory=SubscriptionOutage)
    idle_subscription: SubscriptionOutage = field(default_factory=SubscriptionOutage)


class Fault:
    """`key` lies in the slot that the fault hits, `other_key` in another shard. Good for one call of `outages`."""

    def __init__(self, store: Store, read: HomeRead, *, key: str, other_key: str) -> None:
        self._store, self._read, self._key, self._other_key = store, read, key, other_key
        self._channel = keys.log_channel(key)
        self._began = self._done = float("inf")
        self._subscribed = asyncio.Semaphore(0)
        self._is_over = asyncio.Event()

    async def outages(
        self, peers: Sequence[Peer], inflict: Callable[[int], Awaitable[None]], *, seconds: float
    ) -> list[ClientOutage]:
        """In the order of the peers, which are watched for so many seconds after `inflict` was called with the slot."""
        found = [ClientOutage() for _ in peers]
        tasks = {asyncio.create_task(self._publish())}
        for peer, outage in zip(peers, found, strict=True):
            tasks |= {asyncio.create_task(self._run(peer, outage)), asyncio.create_task(self._run_idle(peer, outage))}
        for _ in range(2 * len(peers)):
            await self._subscribed.acquire()
        await asyncio.sleep(_BEFORE_SECONDS)
        self._began = time.monotonic()
        await inflict(slot_of(self._key))
        self._done = time.monotonic()
        await asyncio.sleep(seconds)
        self._is_over.set()
        _, late = await asyncio.wait(tasks, timeout=_END_SECONDS)
        for task in late:
            task.cancel()
        return found

    async def _run(self, peer: Peer, outage: ClientOutage) -> None:
        try:
            async with peer.open(self._store, self._read) as client, asyncio.TaskGroup() as tasks:
                await client.put(self._other_key, "value")
                tasks.create_task(self._listen(client, outage.subscription))
                tasks.create_task(self._repeat(lambda: client.get(self._key), outage.reads))
                tasks.create_task(self._repeat(lambda: client.put(self._key, "value"), outage.writes))
                tasks.create_task(self._repeat(lambda: client.get(self._other_key), outage.other_reads))
        except Exception as error:  # noqa: BLE001 - each library has its own
            for command in (outage.reads, outage.writes, outage.other_reads):
                command.ended_by = type(error).__name__

    async def _run_idle(self, peer: Peer, outage: ClientOutage) -> None:
        try:
            async with peer.open(self._store, self._read) as client:
                await self._listen(client, outage.idle_subscription)
        except Exception as error:  # noqa: BLE001 - each library has its own
            outage.idle_subscription.ended_by = type(error).__name__

    async def _listen(self, client: Client, outage: SubscriptionOutage) -> None:
        try:
            async with client.listen(self._channel, self._recorder(outage)):
                self._subscribed.release()
                await self._is_over.wait()
        except Exception as error:  # noqa: BLE001 - each library has its own
            outage.ended_by = type(error).__name__

    def _recorder(self, outage: SubscriptionOutage) -> OnMessage:
        def on_message(message: str | None) -> None:
            if (now := time.monotonic()) < self._began:
                return
            if message is None:
                outage.gaps += 1
                return
            outage.messages += 1
            if float(message) > self._done and outage.back_after is None:
                outage.back_after = now - self._done

        return on_message

    async def _repeat(self, send: Callable[[], Awaitable[Any]], outage: CommandOutage) -> None:
        while not self._is_over.is_set():
            sent = time.monotonic()
            error = await _error_of(send)
            now = time.monotonic()
            if now >= self._began:
                outage.longest_wait = max(outage.longest_wait, now - sent)
                if error is not None:
                    outage.errors[type(error).__name__] += 1
                    outage.back_after = None
                elif outage.back_after is None and sent >= self._done:
                    outage.back_after = now - self._done
            await asyncio.sleep(_COMMAND_EVERY_SECONDS)

    async def _publish(self) -> None:
        """Each message is the time at which it was sent."""
        async with open_redis(self._store.url) as redis:
            while not self._is_over.is_set():
                with suppress(*REDIS_FAILURES):
                    await redis.spublish(self._channel, str(time.monotonic()))
                await asyncio.sleep(_PUBLISH_EVERY_SECONDS)


async def _error_of(send: Callable[[], Awaitable[Any]]) -> Exception | None:
    try:
        await send()
    except Exception as error:  # noqa: BLE001 - each library has its own
        return error
    return None


def _after(seconds: float | None, ended_by: str) -> str:
    ended = f" (client ended by {ended_by})" if ended_by else ""
    return ("not back" if seconds is None else f"{seconds:.2f} s") + ended
