"""Redis Cluster behind the interface of one client: each command goes to the node that serves its keys.

Redirects are followed, and a slot on the move is waited for a moment. While a master gives no answer its replicas
answer what only reads, perhaps a moment behind; what writes fails until one of them has taken over.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple, NoReturn

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError, TryAgainError

from core.redis_cluster_url import Address, ClusterUrl
from datastore.redis.cluster.slots import Part, Words, is_read, joined, parts_of
from datastore.redis.cluster.topology import Topology
from datastore.redis.node.circuit_breaker import Breaker
from datastore.redis.node.connections import LOST, node_client

_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.05
_ROUNDS_AT_ONCE = 3
_ON_THE_MOVE = (TryAgainError, ClusterDownError, ReadOnlyError)
# What a script is told that meets a key which is elsewhere already.
_NON_LOCAL = "non local key"


class _Manner(Enum):
    PLAIN = auto()
    ASKING = auto()  # the slot is moving there
    READING = auto()  # from a replica


class _Place(NamedTuple):
    node: Address
    manner: _Manner = _Manner.PLAIN


class _Verdict(Enum):
    DONE = auto()
    AGAIN = auto()
    LATER = auto()
    LOST = auto()


@dataclass(slots=True, eq=False)
class _Call:
    """What one slot is asked. `turned_to`: where to go next, instead of its master."""

    part: Part
    options: dict[str, Any] = field(default_factory=dict)
    answer: Any = None
    verdict: _Verdict = _Verdict.AGAIN
    turned_to: _Place | None = None
    lost_at: set[_Place] = field(default_factory=set)


class ClusterRedis(Redis):
    """Opens lazily. Several commands at once go by `outcomes`, for there is no pipeline over several nodes."""

    def __init__(self, url: ClusterUrl) -> None:
        super().__init__(connection_pool=ConnectionPool.from_url(url.of_node(url.nodes[0])))
        self.url = url
        self.topology = Topology(url)
        self._clients: dict[tuple[Address, bool], Redis] = {}
        self._breakers: dict[Address, Breaker] = {}

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        (answer,) = await self._answers([words], options)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def outcomes(self, commands: Iterable[Words]) -> list[Any]:
        """The answers in order, errors among them. All nodes are asked at once, each in one round trip."""
        return await self._answers(commands, {})

    def breaker_of(self, node: Address) -> Breaker:
        """For all who ask this node."""
        return self._breakers.setdefault(node, Breaker())

    async def of_masters(self, *words: Any) -> list[Any]:
        """What each master answers, in the order of their slots. Raises where one of them does not."""
        await self._know()
        masters = [self._client(_Place(shard.master)) for shard in self.topology.shards()]
        return list(await asyncio.gather(*[master.execute_command(*words) for master in masters]))  # type: ignore[no-untyped-call]

    def pipeline(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a cluster has no pipeline: hand the commands to send_all")

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - as redis-py has it
        await self.topology.aclose()
        for client in self._clients.values():
            await client.aclose()
        await super().aclose(close_connection_pool)

    async def _answers(self, commands: Iterable[Words], options: dict[str, Any]) -> list[Any]:
        wholes = [(words, [_Call(part, options) for part in parts_of(words)]) for words in commands]
        await self._carry_out([call for _, calls in wholes for call in calls])
        return [
            joined(words, [call.part for call in calls], [call.answer for call in calls]) for words, calls in wholes
        ]

    async def _carry_out(self, calls: Sequence[_Call]) -> None:
        """Leaves an answer in each call, be it an error."""
        await self._know()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        waiting, rounds = calls, 0
        while waiting:
            await self._ask_nodes(waiting)
            rounds += 1
            verdicts = {call.verdict for call in waiting}
            if verdicts & {_Verdict.LATER, _Verdict.LOST}:
                await self._look_again()
            is_in_time = time.monotonic() < deadline
            waiting = [call for call in waiting if self._goes_on(call, is_in_time=is_in_time)]
            if waiting and (_Verdict.LATER in verdicts or rounds > _ROUNDS_AT_ONCE):
                await asyncio.sleep(_PAUSE_SECONDS)

    def _goes_on(self, call: _Call, *, is_in_time: bool) -> bool:
        match call.verdict:
            case _Verdict.DONE:
                return False
            case _Verdict.LOST:
                return self._turn_elsewhere(call)
            case _:
                return is_in_time

    async def _know(self) -> None:
        if self.topology.is_lost or not self.topology.is_known:
            await self.topology.refresh()

    async def _look_again(self) -> None:
        try:
            await self.topology.refresh()
        except LOST:
            return  # each call has its own error already

    async def _ask_nodes(self, calls: Sequence[_Call]) -> None:
        groups: dict[_Place, list[_Call]] = {}
        for call in calls:
            try:
                groups.setdefault(self._place_of(call), []).append(call)
            except ClusterDownError as error:
                call.answer, call.verdict = error, _Verdict.LATER
        if len(groups) == 1:
            await self._ask(*groups.popitem())
        else:
            await asyncio.gather(*[self._ask(place, group) for place, group in groups.items()])

    async def _ask(self, place: _Place, calls: Sequence[_Call]) -> None:
        is_asking = place.manner is _Manner.ASKING
        try:
            async with self._client(place).pipeline(transaction=False) as pipe:
                for call in calls:
                    if is_asking:
                        pipe.execute_command("ASKING")
                    pipe.execute_command(*call.part.words, **call.options)
                answers = await pipe.execute(raise_on_error=False)
        except LOST as error:
            for call in calls:
                call.answer, call.verdict = error, _Verdict.LOST
                call.lost_at.add(place)
            return
        for call, call.answer in zip(calls, answers[1::2] if is_asking else answers, strict=True):
            call.verdict = self._judge(call, place)

    def _judge(self, call: _Call, place: _Place) -> _Verdict:
        answer = call.answer
        match answer:
            case MovedError():
                self.topology.move(answer.slot_id, Address(answer.host or place.node.host, answer.port))
                self.topology.look_soon()
                return _Verdict.AGAIN
            case AskError():
                call.turned_to = _Place(Address(answer.host or place.node.host, answer.port), _Manner.ASKING)
                return _Verdict.AGAIN
            case ResponseError() if isinstance(answer, _ON_THE_MOVE):
                return _Verdict.LATER
            case ResponseError() if _NON_LOCAL in str(answer):
                call.answer = TryAgainError(str(answer), status_code="TRYAGAIN")
                return _Verdict.LATER
            case _:
                return _Verdict.DONE

    def _place_of(self, call: _Call) -> _Place:
        """Raises ClusterDownError where nobody is known to serve the slot."""
        place, call.turned_to = call.turned_to, None
        if place is not None:
            return place
        if call.part.slot is None:
            return _Place(random.choice(self.topology.shards()).master)  # noqa: S311 - spreading load
        return _Place(self.topology.shard_of(call.part.slot).master)

    def _turn_elsewhere(self, call: _Call) -> bool:
        """To where the call was not lost yet: whoever serves the slot by now, or one of the replicas to read from."""
        shards = self.topology.shards()
        if call.part.slot is None:
            places = [_Place(shard.master) for shard in shards]
        else:
            shard = self.topology.shard_of(call.part.slot)
            replicas = shard.replicas if is_read(call.part.words) else ()
            places = [_Place(shard.master), *[_Place(replica, _Manner.READING) for replica in replicas]]
        call.turned_to = next((place for place in places if place not in call.lost_at), None)
        return call.turned_to is not None

    def _client(self, place: _Place) -> Redis:
        key = (place.node, place.manner is _Manner.READING)
        if (client := self._clients.get(key)) is None:
            breaker = self.breaker_of(place.node)
            client = self._clients[key] = node_client(self.url.of_node(place.node), breaker, is_replica=key[1])
        return client
