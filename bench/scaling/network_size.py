"""Cost of reading and posting in networks of growing size, measured in alternating rounds.

A read has to cost the same in all networks; the cost of a post may grow with the author's followers alone.
`python -m bench.scaling.network_size SIZE ... --picture FILE` takes the sizes and draws a chart.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import mean, median
from time import perf_counter
from typing import Generic, NamedTuple, TypeVar

from bench.data.complete_lists import count_wrong_lists, until_delivered
from bench.data.scaled_network import Author, ScaledNetwork, open_scaled_network
from bench.harness.command_line import argument_parser, run_and_print
from bench.harness.cpu import CpuTimer, in_ms
from bench.harness.figures import Figure, percentile
from bench.harness.home_page import PAGE, number, read_page
from datastore.admin.capacity.charts import Axes, Point, line_chart

T = TypeVar("T")

SIZES = (1_000, 10_000, 100_000)
TURNS_OF_READING = 35
TURNS_OF_POSTING = 7
POSTS_A_TURN = 3


class Read(NamedTuple):
    ms: float
    is_right: bool


class Posted(NamedTuple):
    """Milliseconds from sending a post to its answer, and until the lists of all followers have it."""

    tweet_id: int
    answered: float
    held: float


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Results of all turns but the first. `cpu` has the milliseconds of API, workers and stores per act, by turn."""

    all: list[T] = field(default_factory=list)
    cpu: list[float | None] = field(default_factory=list)

    @property
    def mean_cpu(self) -> float | None:
        known = [ms for ms in self.cpu if ms is not None]
        return mean(known) if known else None


class Costs(NamedTuple):
    """Costs in a network of so many people. `wrong` counts pages and lists with missing or misplaced items."""

    people: int
    followers: tuple[int, int]
    reads: Found[Read]
    median_author: Found[Posted]
    star: Found[Posted]
    wrong: int

    @property
    def us_a_follower(self) -> float:
        """Additional microseconds until the most-followed author's posts are in all lists, per additional follower."""
        few, many = (median(one.held for one in found.all) for found in (self.median_author, self.star))
        return self._a_follower(many - few)

    @property
    def cpu_us_a_follower(self) -> float | None:
        few, many = self.median_author.mean_cpu, self.star.mean_cpu
        return None if many is None or few is None else self._a_follower(many - few)

    def _a_follower(self, more_ms: float) -> float:
        return 1_000 * more_ms / (self.followers[1] - self.followers[0])


async def run() -> list[Figure]:
    return figures(await measure(SIZES))


def figures(found: Sequence[Costs]) -> list[Figure]:
    return [*_figures_of_reads(found), *_figures_of_posts(found)]


def picture(found: Sequence[Costs]) -> str:
    """A chart of processor time, which does not depend on waiting; unknown values are left out."""
    lines = {
        f"a page of {PAGE}": [(costs.people, 1_000 * (costs.reads.mean_cpu or 0)) for costs in found],
        "a post": [(costs.people, 1_000 * (costs.median_author.mean_cpu or 0)) for costs in found],
        "a push": [(costs.people, costs.cpu_us_a_follower or 0) for costs in found],
    }
    known: dict[str, list[Point]] = {name: [point for point in line if point[1] > 0] for name, line in lines.items()}
    return line_chart(Axes("What an act costs", "people", "us of processor time"), known)


async def measure(sizes: Sequence[int]) -> list[Costs]:
    async with AsyncExitStack() as opened:
        networks = [await opened.enter_async_context(open_scaled_network(size)) for size in sizes]
        wrong = [await network.wrong_lists() for network in networks]
        reads = await _in_turns([(network, partial(_read, network)) for network in networks], TURNS_OF_READING)
        authors = [(network, author) for network in networks for author in (network.median, network.star)]
        posts = await _in_turns(
            [(network, partial(_post, network, author)) for network, author in authors], TURNS_OF_POSTING
        )
        medians, stars = posts[::2], posts[1::2]
        for place, network in enumerate(networks):
            wrong[place] += sum(not read.is_right for read in reads[place].all)
            wrong[place] += await _wrong_lists(network, network.median, medians[place])
            wrong[place] += await _wrong_lists(network, network.star, stars[place])
    followers = [(len(network.median.followers), len(network.star.followers)) for network in networks]
    return list(map(Costs, sizes, followers, reads, medians, stars, wrong))


async def _in_turns(
    acts: Sequence[tuple[ScaledNetwork, Callable[[], Awaitable[Sequence[T]]]]], turns: int
) -> list[Found[T]]:
    """Runs the acts in turn, once more than `turns`, and drops the first results, which fill caches."""
    found: list[Found[T]] = [Found() for _ in acts]
    for turn in range(turns + 1):
        for (network, act), here in zip(acts, found, strict=True):
            watch = CpuTimer(network.processes)
            done = await act()
            if turn:
                here.cpu.append(watch.ms_each(len(done)))
                here.all.extend(done)
    return found


async def _read(network: ScaledNetwork) -> list[Read]:
    found = []
    for person, client in network.readers:
        page = await read_page(client)
        is_right = (page.items, page.state) == (network.people.timeline(person)[:PAGE], "READY")
        found.append(Read(page.ms, is_right))
    return found


async def _post(network: ScaledNetwork, author: Author) -> list[Posted]:
    """Posts one after the other, each when the one before is in all lists."""
    return [await _post_one(network, author) for _ in range(POSTS_A_TURN)]


async def _post_one(network: ScaledNetwork, author: Author) -> Posted:
    began = perf_counter()
    tweet_id = number(await author.client.post("A rook has landed"))
    answered = perf_counter()
    await until_delivered(network.stores, author.followers, tweet_id)
    return Posted(tweet_id, (answered - began) * 1000, (perf_counter() - began) * 1000)


async def _wrong_lists(network: ScaledNetwork, author: Author, found: Found[Posted]) -> int:
    return await count_wrong_lists(network.stores, author.followers, [one.tweet_id for one in reversed(found.all)])


def _figures_of_reads(found: Sequence[Costs]) -> list[Figure]:
    figures = []
    least = found[0].reads
    for costs in found:
        ms, least_ms = ([read.ms for read in reads.all] for reads in (costs.reads, least))
        figures += [
            _figure(f"{costs.people:,} people: page of {PAGE}, p50", ms, least_ms),
            Figure("network_size", "  p99", f"{percentile(ms, 99):.1f} ms"),
            _cpu_figure(costs.reads, least),
        ]
    return figures


def _figures_of_posts(found: Sequence[Costs]) -> list[Figure]:
    return [
        figure
        for costs in found
        for figure in (
            *_figures_of_author(costs, "median", costs.median_author, found[0].median_author),
            *_figures_of_author(costs, "most", costs.star, found[0].star),
            Figure("network_size", "  for each follower more than the median", f"{costs.us_a_follower:.0f} us"),
            Figure("network_size", "  the same in processor time", _us(costs.cpu_us_a_follower)),
            Figure("network_size", "  pages and lists that are wrong", str(costs.wrong), "0"),
        )
    ]


def _figures_of_author(costs: Costs, which: str, posts: Found[Posted], least: Found[Posted]) -> list[Figure]:
    followers = costs.followers[which == "most"]
    answered, least_answered = ([one.answered for one in some.all] for some in (posts, least))
    held, least_held = ([one.held for one in some.all] for some in (posts, least))
    return [
        _figure(f"{costs.people:,} people: post, {which} followers ({followers:,}), p50", answered, least_answered),
        _figure("  in all their lists, p50", held, least_held),
        _cpu_figure(posts, least),
    ]


def _figure(what: str, ms: Sequence[float], least: Sequence[float]) -> Figure:
    """The ratio is against `least`, the times in the smallest network."""
    return Figure("network_size", what, f"{median(ms):.1f} ms", ratio=f"{median(ms) / median(least):.2f}")


def _cpu_figure(found: Found[T], least: Found[T]) -> Figure:
    ms, least_ms = found.mean_cpu, least.mean_cpu
    ratio = f"{ms / least_ms:.2f}" if ms and least_ms else ""
    return Figure("network_size", "  processor time of API, workers and stores", in_ms(ms), ratio=ratio)


def _us(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f} us"


if __name__ == "__main__":
    parser = argument_parser("scaling.network_size", "Costs in networks of these sizes.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE", help="people, fewest first")
    chosen = parser.parse_args()
    run_and_print(measure(chosen.sizes), figures, picture, chosen.picture)
