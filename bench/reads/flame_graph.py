"""Flame graph of a home page, drawn into docs/pictures.

The service runs in a thread of this process whose stack is sampled every two milliseconds; another process sends
requests.
"""

import asyncio
import multiprocessing
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from html import escape
from itertools import cycle
from types import FrameType

import uvicorn

from bench.data.peer_dataset import PeerDataset, store_dataset
from bench.deployment.measured_servers import HERE
from bench.deployment.stack import ROOT, running_stack
from bench.harness.figures import Figure
from bench.harness.load import post_request, put_load
from bench.harness.waiting import until
from core.settings import Settings, Switch
from datastore.embedded.stores import free_port
from datastore.stores import open_stores

WARM_SECONDS, SECONDS, EVERY_SECONDS = 8.0, 8.0, 0.002
CONNECTIONS = 8
PICTURE = ROOT / "docs" / "pictures" / "page-flame.svg"
_WIDTH, _ROW, _LEAST = 1_200, 17, 0.004
_COLOURS = {
    "engine": "#7c3aed", "schema": "#2563eb", "resolvers": "#059669", "datastore": "#d97706", "core": "#64748b",
    "uvicorn": "#b91c1c", "transport": "#0891b2",
}  # fmt: skip
Stack = tuple[str, ...]


async def run() -> list[Figure]:
    async with running_stack(rate_limit=Switch.ON) as stack, open_stores(stack.settings) as stores:
        dataset = await store_dataset(stores, stack.settings)
        with _serving(stack.settings) as (server, thread):
            await until(lambda: _is(started=server.started))
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
                port, requests = server.config.port, _requests(dataset)
                await asyncio.wrap_future(other.submit(_put, port, requests, WARM_SECONDS))
                wrong = asyncio.wrap_future(other.submit(_put, port, requests, SECONDS))
                stacks = await asyncio.to_thread(_watched, thread, SECONDS)
                assert not await wrong
    PICTURE.write_text(_drawn(stacks))
    return [Figure("flame_graph", f"time of a page in {room}", f"{share:.0%}") for room, share in _shares(stacks)]


def _put(port: int, requests: Sequence[bytes], seconds: float) -> int:
    """Puts load from a process of its own; returns the number of wrong answers."""
    return asyncio.run(put_load(port, cycle(requests), seconds=seconds, connections=CONNECTIONS)).wrong


async def _is(*, started: bool) -> bool:
    return started


@contextmanager
def _serving(settings: Settings) -> Iterator[tuple[uvicorn.Server, int]]:
    """The server and the id of its thread."""
    from app import Rookery  # noqa: PLC0415 - it reads the settings of the environment when it is imported

    config = uvicorn.Config(Rookery(settings).asgi(), port=free_port(), log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server, thread.ident or 0
    finally:
        server.should_exit = True
        thread.join()


def _requests(dataset: PeerDataset) -> list[bytes]:
    body = {"query": (HERE / "page.graphql").read_text(), "variables": {"first": 20}}
    return [post_request("/graphql", body, {"authorization": f"Bearer {token}"}) for token in dataset.tokens]


def _watched(thread: int, seconds: float) -> Counter[Stack]:
    """Samples by stack, outermost call first, without those of the waiting event loop."""
    seen = Counter[Stack]()
    # Otherwise samples would be taken at system calls of the other thread alone.
    sys.setswitchinterval(1e-5)
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        if stack := _named(sys._current_frames()[thread]):  # noqa: SLF001 - the only way to get another thread's stack
            seen[stack] += 1
        time.sleep(EVERY_SECONDS)
    return seen


def _named(frame: FrameType | None) -> Stack:
    names: list[str] = []
    while frame is not None:
        name = f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"
        if name.startswith("asyncio.runners."):
            break
        names.append(name)
        frame = frame.f_back
    return tuple(reversed(names))


def _shares(stacks: Counter[Stack]) -> Sequence[tuple[str, float]]:
    """Shares of time by top-level package."""
    rooms = Counter[str]()
    for stack, times in stacks.items():
        rooms[stack[-1].partition(".")[0]] += times
    return [(room, times / stacks.total()) for room, times in rooms.most_common(8)]


def _drawn(stacks: Counter[Stack]) -> str:
    rows = _boxes(stacks, 0, 0.0, stacks.total())
    boxes = [_box(*row, most=stacks.total()) for row in rows]
    height = (1 + max((depth for _, depth, _, _ in rows), default=0)) * _ROW
    font = 'font-family="monospace" font-size="11"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {font}>'
    return "\n".join([head, *boxes, "</svg>", ""])


def _boxes(stacks: Counter[Stack], depth: int, start: float, most: float) -> list[tuple[str, int, float, float]]:
    """Name, depth, start and width of each call that is wide enough to be visible."""
    groups: dict[str, Counter[Stack]] = {}
    for stack, times in stacks.items():
        if len(stack) > depth:
            groups.setdefault(stack[depth], Counter())[stack] += times
    found: list[tuple[str, int, float, float]] = []
    for name, part in sorted(groups.items(), key=lambda group: -group[1].total()):
        width = float(part.total())
        if width / most >= _LEAST:
            found.append((name, depth, start, width))
            found += _boxes(part, depth + 1, start, most)
        start += width
    return found


def _box(name: str, depth: int, start: float, width: float, *, most: float) -> str:
    x, wide, y = start / most * _WIDTH, width / most * _WIDTH, depth * _ROW
    colour = _COLOURS.get(name.partition(".")[0], "#94a3b8")
    short = escape((name.partition(".")[0] + "." + name.rpartition(".")[2])[: max(int(wide / 6.8), 0)])
    title = f"<title>{escape(name)}: {width / most:.1%}</title>"
    position = f'x="{x:.1f}" y="{y}" width="{max(wide - 0.5, 0.1):.1f}" height="{_ROW - 1}"'
    rectangle = f'<rect {position} fill="{colour}">{title}</rect>'
    return f'{rectangle}<text x="{x + 2:.1f}" y="{y + 12}" fill="#fff" pointer-events="none">{short}</text>'
