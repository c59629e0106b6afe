"""One connection to Redis that pipelines by itself: what is asked in one turn of the event loop leaves in one write.

Replies come in the order of the questions. What Redis pushes stands among them, so that of every row which was read
here and has changed, this process knows before it gets an answer to whatever it asks after the change.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextvars import copy_context
from typing import Any, TypeAlias, cast

import hiredis
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import TimeoutError as NoAnswer

from core.runtime.metrics import REDIS_SECONDS
from core.runtime.tracing import past_span
from datastore.redis.node.circuit_breaker import ANSWER_SECONDS, Breaker

Word: TypeAlias = str | bytes | int
Words: TypeAlias = Sequence[Word]

_pack: Callable[[tuple[Word, ...]], object] = hiredis.pack_command  # type: ignore[assignment]  # its stub: one word
_GRACE_SECONDS = 0.1
_IN_FLIGHT = 2_000
_TRACES = 50_000


class Trace:
    """That Redis promised to tell of the next change of a row, on this wire, and has told of none."""

    __slots__ = ("is_current", "wire")

    def __init__(self, wire: "Wire | None") -> None:
        self.wire, self.is_current = wire, wire is not None and wire.is_tracing


NO_TRACE = Trace(None)
"""Of a row whose changes nobody tells."""


class Call:
    """Commands that are sent together, and their replies, errors among them. It must do no harm to send them twice.

    `traced` are keys that they read: `traces` are of them once the replies are there.
    """

    __slots__ = (
        "_context",
        "answer",
        "is_again",
        "packed",
        "replies",
        "riders",
        "sent_at",
        "traced",
        "traces",
        "wanted",
    )

    def __init__(self, commands: Sequence[Words], traced: Sequence[bytes] = ()) -> None:
        self.packed = b"".join([_packed(words) for words in commands])
        self.wanted, self.traced = len(commands), traced
        self.answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self.replies: list[Any] = []
        self.traces: list[Trace] = []
        self.riders: list[asyncio.Future[None]] = []
        self.sent_at, self.is_again = 0.0, False
        self._context = copy_context()

    def __await__(self) -> Generator[Any, None, list[Any]]:
        """The replies. Raises ConnectionError or TimeoutError, of redis-py, where there are none."""
        return self.answer.__await__()

    def finish(self) -> None:
        seconds = time.monotonic() - self.sent_at
        REDIS_SECONDS.observe(seconds)
        self._context.run(past_span, "redis", seconds)
        if not self.answer.done():  # else nobody waits for it any more
            self.answer.set_result(self.replies)
        self.let_riders_go()

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # whoever asked may have gone on to something else
        self.let_riders_go()

    def let_riders_go(self) -> None:
        riders, self.riders = self.riders, []
        for rider in riders:
            if not rider.done():
                rider.set_result(None)


class Wire(asyncio.Protocol):
    """`ended` is called once, with the calls that were not answered; `eased` when more may be sent again."""

    def __init__(
        self, breaker: Breaker, ended: Callable[["Wire", Sequence[Call], Exception], None], eased: Callable[[], None]
    ) -> None:
        self._breaker, self._ended, self._eased = breaker, ended, eased
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=BaseParser.parse_error)
        self._transport: asyncio.Transport | None = None
        self._calls = deque[Call]()
        self._out: list[bytes] = []
        self._traces = OrderedDict[bytes, Trace]()
        self._watch: asyncio.TimerHandle | None = None
        self._suspected: Call | None = None
        self._is_stopped = False
        self.is_over = False
        self.is_tracing = False
        self.confirmed_at = 0.0

    @property
    def has_room(self) -> bool:
        return len(self._calls) < _IN_FLIGHT and not self._is_stopped

    def send(self, call: Call) -> None:
        """At the end of this turn of the loop, with all that is sent until then."""
        if self.is_over:
            call.fail(ConnectionBroken("The connection to Redis is lost."))
            return
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(call.packed)
        self._calls.append(call)
        call.sent_at, call.replies = time.monotonic(), []
        if call.traced:
            call.traces = [self._trace(key) for key in call.traced]
        if self._watch is None:
            self._watch = self._loop.call_later(ANSWER_SECONDS, self._look)

    def confirm(self) -> "asyncio.Future[None]":
        """Done when Redis has answered something that is sent from now on, or when the connection is over."""
        rider: asyncio.Future[None] = self._loop.create_future()
        if self.is_over:
            rider.set_result(None)
            return rider
        if not self._out:
            ping = Call([("PING",)])
            self.send(ping)
        self._calls[-1].riders.append(rider)
        return rider

    def close(self, error: Exception | None = None) -> None:
        """All that is not answered by now fails."""
        if self._transport is not None:
            self._transport.abort()
        self._end(error or ConnectionBroken("The connection to Redis was closed."))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(ConnectionBroken(f"The connection to Redis is lost: {exc or 'it was closed there'}."))

    def pause_writing(self) -> None:
        self._is_stopped = True

    def resume_writing(self) -> None:
        self._is_stopped = False
        self._eased()

    def data_received(self, data: bytes) -> None:
        was_full = not self.has_room
        self._breaker.close()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                if isinstance(reply, hiredis.PushNotification):
                    self._note(reply)
                else:
                    self._take(reply)
        except hiredis.HiredisError as error:
            self.close(ConnectionBroken(f"Redis sent what can't be read: {error}."))
        if was_full and self.has_room:
            self._eased()

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None and not self.is_over:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))

    def _take(self, reply: object) -> None:
        call = self._calls[0]
        call.replies.append(reply)
        if len(call.replies) == call.wanted:
            del self._calls[0]
            self.confirmed_at = call.sent_at
            call.finish()

    def _note(self, pushed: Sequence[Any]) -> None:
        """Keys that changed, or None: all of them."""
        match pushed:
            case [b"invalidate", None]:
                self._forget_all()
            case [b"invalidate", list(names)]:
                for name in names:
                    if trace := self._traces.pop(name, None):
                        trace.is_current = False

    def _trace(self, key: bytes) -> Trace:
        """Redis tells but once of a key, however often it was read since the last time."""
        if (trace := self._traces.get(key)) is None:
            if len(self._traces) >= _TRACES:
                self._traces.popitem(last=False)[1].is_current = False
            trace = self._traces[key] = Trace(self)
        return trace

    def _forget_all(self) -> None:
        for trace in self._traces.values():
            trace.is_current = False
        self._traces.clear()

    def _look(self) -> None:
        """One timer for all calls: the first of them was sent first.

        A process that was held up itself may have the answer before it: it looks there once more.
        """
        self._watch, suspected = None, self._suspected
        self._suspected = None
        if not self._calls:
            return
        due = self._calls[0].sent_at + ANSWER_SECONDS - time.monotonic()
        if due > 0:
            self._watch = self._loop.call_later(due, self._look)
        elif suspected is not self._calls[0]:
            self._suspected = self._calls[0]
            self._watch = self._loop.call_later(_GRACE_SECONDS, self._look)
        else:
            self._breaker.open()
            self.close(NoAnswer("Redis does not answer."))

    def _end(self, error: Exception) -> None:
        if self.is_over:
            return
        self.is_over = True
        if self._watch is not None:
            self._watch.cancel()
        self._forget_all()
        calls, self._calls = self._calls, deque()
        for call in calls:
            call.let_riders_go()
        self._ended(self, calls, error)


def _packed(words: Words) -> bytes:
    return cast(bytes, _pack(tuple(words)))


def confirming(traces: Iterable[Trace], since: float) -> "list[asyncio.Future[None]]":
    """Of the wires on which Redis has not answered yet what was asked after `since` (by `time.monotonic`).

    Once all are done, rows whose traces are current are what they were then, or later.
    """
    wires = {trace.wire for trace in traces}
    return [wire.confirm() for wire in wires if wire is not None and wire.confirmed_at <= since]
