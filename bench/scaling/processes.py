"""Gain of a second API process and of a second worker process, in alternating rounds on the same stores.

The load and the stores share the machine's cores with them, which limits the gain.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle
from statistics import median
from time import perf_counter

from redis.exceptions import ResponseError

from bench.comparisons.mixed import PAGE, Requests
from bench.data.complete_lists import until_delivered
from bench.data.peer_dataset import store_dataset
from bench.deployment.measured_servers import WARM_SECONDS
from bench.deployment.stack import running_api, running_stores, running_workers
from bench.harness.command_line import argument_parser, run_and_print
from bench.harness.cpu import CpuTimer, children
from bench.harness.figures import Figure
from bench.harness.load import CONNECTIONS, Load, put_load
from bench.harness.waiting import until
from bench.scaling.celebrity_fanout import author_with_fans, post
from core.ids import UserId
from datastore.admin.capacity.charts import Axes, line_chart
from datastore.jobs.routing import FANOUT, WIDE_FANOUT
from datastore.redis import job_keys
from datastore.stores import Stores, open_stores

NUMBERS = (1, 2)
ROUNDS, SECONDS = 5, 4.0
AUTHORS, FANS, WORK_ROUNDS = 8, 5_000, 4


@dataclass(frozen=True, slots=True)
class Found:
    """Entries per round: the rate per second, and milliseconds of processor time per act, stores included."""

    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def figure(self, what: str, one: "Found") -> Figure:
        """The ratio is against `one`, round by round."""
        rounds = ", ".join(f"{rate:,.0f}" for rate in self.rates)
        ratio = median(mine / its for mine, its in zip(self.rates, one.rates, strict=True))
        measured = f"{median(self.rates):,.0f}/s ({rounds}), {median(self.cpu_ms) * 1000:,.0f} us"
        return Figure("processes", what, measured, ratio=f"{ratio:.2f}")


Findings = Mapping[str, Mapping[int, Found]]


async def run() -> list[Figure]:
    return figures(await measure())


def figures(found: Findings) -> list[Figure]:
    return [
        some.figure(f"{what}, {_processes(number)}", by_number[NUMBERS[0]])
        for what, by_number in found.items()
        for number, some in by_number.items()
    ]


def picture(found: Findings) -> str:
    lines = {
        what: [(float(number), median(some.rates)) for number, some in by_number.items()]
        for what, by_number in found.items()
    }
    return line_chart(Axes("What so many processes do on two cores", "processes", "a second", by_steps=True), lines)


async def measure() -> Findings:
    """Results by act and by number of processes."""
    return {**await _apis(), "pushes": await _workers()}


def _processes(number: int) -> str:
    return "1 process" if number == 1 else f"{number} processes"


async def _apis() -> Findings:
    async with running_stores() as settings, open_stores(settings) as stores, AsyncExitStack() as opened:
        requests = Requests(await store_dataset(stores, settings))
        urls = [await opened.enter_async_context(running_api(settings)) for _ in range(NUMBERS[-1])]
        ports, numbers = [int(url.rpartition(":")[2]) for url in urls], count()
        makers: Mapping[str, Callable[[], Iterator[bytes]]] = {
            f"pages of {PAGE}": lambda: cycle(requests.pages),
            "posts": lambda: (requests.post(number, number % len(requests.pages)) for number in numbers),
        }
        found = {what: {number: Found() for number in NUMBERS} for what in makers}
        for turn in range(ROUNDS):
            print(f"processes: API, round {turn + 1} of {ROUNDS}", flush=True)
            for what, make in makers.items():
                for number in _in_turn(turn):
                    await _load(found[what][number], ports[:number], make)
    return found


async def _load(found: Found, ports: Sequence[int], make: Callable[[], Iterator[bytes]]) -> None:
    """The total number of connections is the same for any number of processes."""
    each = partial(put_load, connections=CONNECTIONS // len(ports))
    await asyncio.gather(*[each(port, make(), seconds=WARM_SECONDS) for port in ports])
    watch = CpuTimer(children())
    loads: list[Load] = await asyncio.gather(*[each(port, make(), seconds=SECONDS) for port in ports])
    assert not any(load.wrong for load in loads)
    found.rates.append(sum(load.rate for load in loads))
    found.cpu_ms.append(watch.ms_each(sum(len(load.ms) for load in loads)) or 0.0)


async def _workers() -> Mapping[int, Found]:
    """Fan-out by worker processes, of authors with thousands of followers."""
    found = {number: Found() for number in NUMBERS}
    async with running_stores() as settings, open_stores(settings) as stores:
        authors = [await author_with_fans(stores, f"author{number}", FANS) for number in range(AUTHORS)]
        for turn in range(WORK_ROUNDS):
            print(f"processes: workers, round {turn + 1} of {WORK_ROUNDS}", flush=True)
            for number in _in_turn(turn):
                async with AsyncExitStack() as opened:
                    for _ in range(number):
                        await opened.enter_async_context(running_workers(settings, FANOUT))
                    await until(partial(_have_started, stores, number))
                    await _push(stores, authors)
                    watch, began = CpuTimer(children()), perf_counter()
                    await _push(stores, authors)
                    found[number].rates.append(AUTHORS * FANS / (perf_counter() - began))
                    found[number].cpu_ms.append(watch.ms_each(AUTHORS * FANS) or 0.0)
    return found


async def _have_started(stores: Stores, number: int) -> bool:
    """Posts before that would be late and be pushed to live followers alone."""
    try:
        return len(await stores.jobs.redis.xinfo_consumers(job_keys.jobs(WIDE_FANOUT), "workers")) == number
    except ResponseError:  # no worker has created it yet
        return False


async def _push(stores: Stores, authors: Sequence[tuple[UserId, list[UserId]]]) -> None:
    """One post by each author; waits until all lists have it."""
    posted = await asyncio.gather(*[post(stores, author) for author, _ in authors])
    waiting: list[Awaitable[None]] = [
        until_delivered(stores, fans, tweet) for (_, fans), tweet in zip(authors, posted, strict=True)
    ]
    await asyncio.gather(*waiting)


def _in_turn(turn: int) -> Sequence[int]:
    return NUMBERS[::-1] if turn % 2 else NUMBERS


if __name__ == "__main__":
    run_and_print(
        measure(), figures, picture, argument_parser("processes", "One and two processes.").parse_args().picture
    )
