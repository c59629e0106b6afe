"""`python -m datastore plan`: what a network of a given size needs, from the costs in a file that a benchmark wrote."""

import argparse
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from datastore.curves import Axes, curves, short
from datastore.planning import GB, TB, Costs, Demand, Machines, Plan, Prices, plan

if TYPE_CHECKING:
    from datastore.commands import Commands

T = TypeVar("T", Costs, Machines, Prices)

COSTS: Final = Path(__file__).with_name("costs.toml")
_FAILED: Final = 2
_SUFFIXES: Final = {"k": 1e3, "M": 1e6, "G": 1e9}
_SHARES_OF_GROWTH: Final = (0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0)


class CostsError(Exception):
    """The file of costs can't be read; the text says why."""


class Measured(NamedTuple):
    costs: Costs
    measured_on: str
    machine: str


def register_plan(commands: "Commands") -> None:
    parser = commands.add_parser("plan", help="servers, shards, memory, bandwidth and money for a network of a size")
    add = parser.add_argument
    usual = {field.name: field.default for field in fields(Demand)}
    add("--daily-users", type=amount, required=True, metavar="N", help="people a day, such as 100M")
    add("--tweets-per-user", type=amount, default=5, metavar="N", help="a day (%(default)s)")
    add(
        "--mean-followers",
        type=amount,
        default=75,
        metavar="N",
        help="of whoever posts, each post counted (%(default)s)",
    )
    add("--pages-per-user", type=amount, default=usual["pages_per_user"], metavar="N", help="a day (%(default)s)")
    add("--live", type=share, default=usual["live"], metavar="SHARE", help="with a subscription open (%(default)s)")
    add("--peak", type=amount, default=usual["peak"], metavar="N", help="busiest second, times the mean (%(default)s)")
    add("--copies", type=copies, default=usual["copies"], metavar="N", help="of all that is kept (%(default)s)")
    add(
        "--kept-days",
        type=amount,
        default=usual["kept_days"],
        metavar="N",
        help="for which tweets are counted (%(default)s)",
    )
    for group in (Machines, Prices):
        for field in fields(group):
            kind = share if field.name in ("busy", "full") else amount
            flag = f"--{'price-' if group is Prices else ''}{field.name.replace('_', '-')}"
            add(flag, type=kind, default=field.default, metavar="N", help=f"{_HELP[group]} (%(default)s)")
    add("--costs", type=Path, default=COSTS, metavar="FILE", help="as `python -m bench.costing` writes it")
    add("--picture", type=Path, metavar="FILE", help="where to draw the growth up to this size, as SVG")
    parser.set_defaults(run=run)


_HELP: Final = {Machines: "of one machine", Prices: "in dollars a month"}


def amount(text: str) -> float:
    """A number over 0, with k, M or G for thousands, millions and billions."""
    digits, factor = (text[:-1], _SUFFIXES[text[-1]]) if text[-1:] in _SUFFIXES else (text, 1.0)
    try:
        value = float(digits) * factor
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number over 0, such as 75, 1.5 or 100M")
    return value


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share over 0 and up to 1, such as 0.05")
    return value


def copies(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of copies: 1 or more")
    return int(text)


def run(options: argparse.Namespace) -> int:
    try:
        measured = read_costs(options.costs)
    except CostsError as error:
        print(error)  # noqa: T201 - a command speaks to whoever gave it
        return _FAILED
    demand = Demand(**{field.name: getattr(options, field.name) for field in fields(Demand)})
    machines = Machines(**{field.name: getattr(options, field.name) for field in fields(Machines)})
    prices = Prices(**{field.name: getattr(options, f"price_{field.name}") for field in fields(Prices)})
    found = plan(demand, measured.costs, machines, prices)
    print("\n".join([*told(demand, measured, found), ""]))  # noqa: T201
    if options.picture is not None:
        options.picture.write_text(growth(demand, measured.costs, machines, prices))
    return 0


def read_costs(path: Path) -> Measured:
    """Raises CostsError."""
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CostsError(f"{path} can't be read: {error}") from None
    known = {field.name for field in fields(Costs)}
    values = table.get("costs", {})
    if wrong := sorted(known.symmetric_difference(values)) or [k for k, v in values.items() if not _is_cost(v)]:
        raise CostsError(f"{path} is no file of costs: look at {', '.join(wrong)}")
    return Measured(Costs(**values), str(table.get("measured_on", "?")), str(table.get("machine", "?")))


def _is_cost(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0


def told(demand: Demand, measured: Measured, found: Plan) -> Iterable[str]:
    """A line for each need, with the costs that it comes from."""
    costs = measured.costs
    yield f"costs measured on {measured.measured_on}, {measured.machine}"
    yield ""
    for what, need, source in _lines(demand, costs, found):
        yield f"{what:<28} {need:>22}   {source}"


def _lines(demand: Demand, costs: Costs, found: Plan) -> list[tuple[str, str, str]]:
    return [
        (
            "tweets",
            f"{short(demand.tweets)}/s",
            f"{short(demand.daily_users)} people x {demand.tweets_per_user:g} a day",
        ),
        (
            "pushes into lists",
            f"{short(found.pushes)}/s",
            f"x {demand.mean_followers:g} followers; {short(found.peak_pushes)}/s at the peak",
        ),
        ("home pages", f"{short(demand.pages)}/s", f"{demand.pages_per_user:g} a person and day"),
        (
            "memory of home lists",
            f"{found.list_memory / TB:.2f} TB",
            f"{costs.list_bytes:,.0f} bytes a list, {demand.copies} copies",
        ),
        (
            "memory of Redis",
            f"{found.redis_memory / TB:.2f} TB",
            f"and a day's tweets, {costs.cached_tweet_bytes:,.0f} bytes each",
        ),
        (
            "Redis shards",
            f"{found.redis_shards:,} ({found.redis_nodes:,} nodes)",
            f"{costs.redis_push_us:.2f} us a push, {costs.redis_page_us:.0f} us a page",
        ),
        (
            "cores for the API",
            f"{found.api_cores:,.0f}",
            f"us: {costs.api_page_us:,.0f} a page, {costs.api_post_us:,.0f} a post, {costs.api_event_us:,.0f} an event",
        ),
        (
            "cores for workers",
            f"{found.worker_cores:,.0f}",
            f"{costs.worker_push_us:.2f} us a push, {costs.worker_post_us:,.0f} us a post",
        ),
        (
            "servers for both",
            f"{found.servers:,}",
            f"{short(demand.sockets)} sockets of {costs.socket_bytes / 1e3:,.0f} kB",
        ),
        (
            "MongoDB on disk",
            f"{found.mongo_disk / TB:,.0f} TB",
            f"{costs.tweet_disk_bytes:,.0f} bytes a tweet, {demand.kept_days:g} days, {demand.copies} copies",
        ),
        (
            "MongoDB shards",
            f"{found.mongo_shards:,} ({found.mongo_nodes:,} nodes)",
            f"{costs.mongo_post_us:,.0f} us a post, {costs.mongo_push_us:.2f} us a push",
        ),
        (
            "bandwidth at the peak",
            f"{found.traffic * 8 / GB:,.1f} Gbit/s",
            f"{costs.page_wire_bytes:,.0f} bytes a page, {costs.event_wire_bytes:,.0f} an event",
        ),
        (
            "money",
            f"${found.dollars:,.0f} a month",
            f"${found.dollars / demand.daily_users * 1000:,.2f} for 1,000 people",
        ),
    ]


def growth(demand: Demand, costs: Costs, machines: Machines, prices: Prices) -> str:
    """How the needs grow up to this size, as SVG."""
    lines: Mapping[str, list[tuple[float, float]]] = {
        name: [] for name in ("servers", "Redis nodes", "MongoDB nodes", "k$ a month")
    }
    for part in _SHARES_OF_GROWTH:
        people = demand.daily_users * part
        sized = Demand(
            **{field.name: getattr(demand, field.name) for field in fields(Demand)} | {"daily_users": people}
        )
        found = plan(sized, costs, machines, prices)
        needs = (found.servers, found.redis_nodes, found.mongo_nodes, found.dollars / 1e3)
        for line, need in zip(lines.values(), needs, strict=True):
            line.append((people, need))
    return curves(Axes("What a network needs", "people a day", "machines, thousands of dollars"), lines)
