"""HTTP/1.1 load: each connection sends its next request when it has its answer."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import msgspec

from bench.harness.figures import percentile

CONNECTIONS = 32
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_MUTATION = b'"query":"mutation'


@dataclass(slots=True)
class Load:
    """`read_ms` and `write_ms` have an entry per answer; `wrong` counts answers that are not 200 or carry errors."""

    seconds: float
    read_ms: list[float] = field(default_factory=list)
    write_ms: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def ms(self) -> list[float]:
        return self.read_ms + self.write_ms

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.ms) / self.seconds

    def percentile(self, percent: int) -> float:
        return percentile(self.ms, percent)


def post_request(path: str, body: object, headers: Mapping[str, str]) -> bytes:
    """A POST request as bytes."""
    data = msgspec.json.encode(body)
    head = {"host": "bench", "content-type": "application/json", "accept": "application/json", **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, f"content-length: {len(data)}", "", ""]).encode() + data


async def fetch(port: int, request: bytes) -> bytes:
    """Sends one request and returns the body. Raises RuntimeError where the answer is wrong."""
    answers: list[bytes] = []
    load = await _run(port, iter([request]), seconds=30.0, connections=1, answers=answers)
    if load.wrong or not answers:
        raise RuntimeError(f"a wrong answer: {answers}")
    return answers[0]


async def put_load(port: int, requests: Iterator[bytes], *, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Keeps `connections` busy for so many seconds. Raises ConnectionError where the server hangs up."""
    return await _run(port, requests, seconds=seconds, connections=connections, answers=None)


async def _run(
    port: int, requests: Iterator[bytes], *, seconds: float, connections: int, answers: list[bytes] | None
) -> Load:
    loop, began = asyncio.get_running_loop(), perf_counter()
    load, ends = Load(seconds), began + seconds
    made = [_Connection(load, requests, ends, answers) for _ in range(connections)]
    for connection in made:
        await loop.create_connection(lambda one=connection: one, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*[connection.done for connection in made])
    load.seconds = perf_counter() - began
    return load


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load, requests: Iterator[bytes], ends: float, answers: list[bytes] | None) -> None:
        self._load, self._requests, self._ends, self._answers = load, requests, ends, answers
        self._held, self._whole, self._began, self._is_write = b"", 0, 0.0, False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._held = self._held + data if self._held else data
        if not self._whole:
            self._whole = _length(self._held)
        if self._whole and len(self._held) >= self._whole:
            self._take(self._held)
            self._held, self._whole = b"", 0
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server hung up."))

    def _send(self) -> None:
        request = next(self._requests, None) if perf_counter() < self._ends else None
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._is_write = _MUTATION in request
        self._began = perf_counter()
        self._transport.write(request)

    def _take(self, answer: bytes) -> None:
        times = self._load.write_ms if self._is_write else self._load.read_ms
        times.append((perf_counter() - self._began) * 1000)
        if not answer.startswith(b"HTTP/1.1 200 ") or b'"errors":' in answer:
            self._load.wrong += 1
        if self._answers is not None:
            self._answers.append(answer.partition(_END_OF_HEAD)[2])


def _length(held: bytes) -> int:
    """The length of the whole answer; 0 while the head is incomplete."""
    end = held.find(_END_OF_HEAD)
    if end < 0:
        return 0
    head = held[:end].lower()
    at = head.index(_LENGTH) + len(_LENGTH)
    stop = head.find(b"\r\n", at)
    return end + len(_END_OF_HEAD) + int(head[at : stop if stop > 0 else end])
