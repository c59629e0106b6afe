"""RespConnection fed with bytes: the order of replies, pushes between them, barriers, room, and its end."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import PipelinedCommands
from datastore.redis.node.protocol import RespConnection

PUSH = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n"


class Transport(asyncio.Transport):
    """A network that records the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def abort(self) -> None:
        self.is_aborted = True


class Peer:
    """A connection on a recording transport, and what it reports to its owner."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.ended: list[tuple[list[PipelinedCommands], Exception]] = []
        self.rooms = 0
        self.connection = RespConnection(CircuitBreaker(), self._on_closed, self._on_writable)
        self.connection.connection_made(self.transport)
        self.connection.is_tracking = True

    def _on_closed(self, connection: RespConnection, unanswered: Sequence[PipelinedCommands], error: Exception) -> None:
        assert connection is self.connection
        self.ended.append((list(unanswered), error))

    def _on_writable(self) -> None:
        self.rooms += 1

    def send(self, *names: str, tracked_keys: Sequence[bytes] = ()) -> PipelinedCommands:
        commands = PipelinedCommands([(name,) for name in names], tracked_keys)
        self.connection.send(commands)
        return commands

    async def close(self) -> None:
        self.connection.close()
        await asyncio.sleep(0)


async def test_commands_of_one_turn_leave_in_one_write_and_get_their_replies_in_order() -> None:
    peer = Peer()
    one, two = peer.send("A"), peer.send("B", "C")
    await asyncio.sleep(0)
    assert peer.transport.writes == [b"*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nC\r\n"]
    peer.connection.data_received(b":1\r\n:2\r\n-ERR no")
    assert (one.result.done(), two.result.done()) == (True, False)
    peer.connection.data_received(b"\r\n")
    assert await one == [1]
    number, error = await two
    assert number == 2
    assert isinstance(error, ResponseError)
    await peer.close()


async def test_push_before_a_reply_is_handled_before_it() -> None:
    peer = Peer()
    read = peer.send("A", tracked_keys=[b"a", b"b"])
    later = peer.send("B")
    peer.connection.data_received(b":1\r\n" + PUSH + b":2\r\n")
    assert [await read, await later] == [[1], [2]]
    assert [tracking.is_current for tracking in read.trackings] == [False, True]
    await peer.close()


async def test_barrier_waits_for_the_last_unsent_commands() -> None:
    peer = Peer()
    sent = peer.send("A")
    barrier = peer.connection.read_barrier()
    await asyncio.sleep(0)
    assert peer.transport.writes == [b"*1\r\n$1\r\nA\r\n"]
    assert not barrier.done()
    peer.connection.data_received(b":1\r\n")
    assert barrier.done()
    assert await sent == [1]
    await peer.close()


async def test_barrier_without_unsent_commands_sends_a_ping() -> None:
    peer = Peer()
    before = peer.send("A")
    await asyncio.sleep(0)
    barrier = peer.connection.read_barrier()
    await asyncio.sleep(0)
    assert peer.transport.writes[1:] == [b"*1\r\n$4\r\nPING\r\n"]
    peer.connection.data_received(b":1\r\n")
    assert (await before, barrier.done()) == ([1], False)
    peer.connection.data_received(b"+PONG\r\n")
    assert barrier.done()
    await peer.close()


async def test_barrier_joins_commands_that_follow_in_the_same_turn() -> None:
    peer = Peer()
    began = time.monotonic()
    barriers = [peer.connection.read_barrier(), peer.connection.read_barrier()]
    sent = peer.send("A")
    await asyncio.sleep(0)
    assert peer.transport.writes == [b"*1\r\n$1\r\nA\r\n"]
    assert not any(barrier.done() for barrier in barriers)
    peer.connection.data_received(b":1\r\n")
    assert all(barrier.done() for barrier in barriers)
    assert peer.connection.last_answered_sent_at > began
    assert await sent == [1]
    await peer.close()


async def test_end_releases_a_barrier_that_no_command_has_followed() -> None:
    peer = Peer()
    barrier = peer.connection.read_barrier()
    peer.connection.connection_lost(None)
    assert barrier.done()
    await asyncio.sleep(0)
    assert peer.transport.writes == []


async def test_time_of_the_last_answered_commands_is_when_they_were_sent() -> None:
    peer = Peer()
    one, two = peer.send("A"), peer.send("B")
    peer.connection.data_received(b":1\r\n")
    assert peer.connection.last_answered_sent_at == one.sent_at
    peer.connection.data_received(b":2\r\n")
    assert peer.connection.last_answered_sent_at == two.sent_at
    await peer.close()


async def test_end_releases_barriers_invalidates_keys_and_reports_unanswered_commands_once() -> None:
    peer = Peer()
    answered, open_ = peer.send("A", tracked_keys=[b"a"]), peer.send("B")
    barrier = peer.connection.read_barrier()
    peer.connection.data_received(b":1\r\n")
    peer.connection.connection_lost(None)
    peer.connection.close()
    ((unanswered, error),) = peer.ended
    assert (unanswered, barrier.done(), answered.trackings[0].is_current) == ([open_], True, False)
    assert isinstance(error, RedisConnectionError)
    assert not open_.result.done()
    assert peer.connection.read_barrier().done()


async def test_closed_connection_fails_commands() -> None:
    peer = Peer()
    await peer.close()
    assert peer.transport.is_aborted
    with pytest.raises(RedisConnectionError):
        await peer.send("A")


async def test_unreadable_bytes_close_the_connection() -> None:
    peer = Peer()
    commands = peer.send("A")
    peer.connection.data_received(b"HTTP/1.1 400 Bad Request\r\n")
    ((unanswered, error),) = peer.ended
    assert unanswered == [commands]
    assert "can't be read" in str(error)
    assert peer.connection.is_closed


async def test_room_returns_with_the_first_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datastore.redis.node.protocol._MAX_IN_FLIGHT", 2)
    peer = Peer()
    one, two = peer.send("A"), peer.send("B")
    states = [(peer.connection.has_room, peer.rooms)]
    peer.connection.data_received(b":1\r\n")
    states.append((peer.connection.has_room, peer.rooms))
    peer.connection.pause_writing()
    states.append((peer.connection.has_room, peer.rooms))
    peer.connection.resume_writing()
    states.append((peer.connection.has_room, peer.rooms))
    assert states == [(False, 0), (True, 1), (False, 1), (True, 2)]
    await peer.close()
    assert [one.result.done(), two.result.done()] == [True, False]
