"""`python -m datastore plan`: capacity planning for a network of a given size, with costs that a benchmark measured."""

import argparse
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from datastore.admin.capacity.inputs import Costs, Demand, Machines, Prices
from datastore.admin.capacity.planning import plan
from datastore.admin.capacity.report import Measured, growth_chart, report_lines

if TYPE_CHECKING:
    from datastore.admin.commands import Commands

COSTS: Final = Path(__file__).with_name("costs.toml")
_FAILED: Final = 2
_SUFFIXES: Final = {"k": 1e3, "M": 1e6, "G": 1e9}


class CostsError(Exception):
    """A file of costs can't be read; the text says why."""


def register_plan(commands: "Commands") -> None:
    parser = commands.add_parser("plan", help="servers, shards, memory, bandwidth and money for a network of a size")
    _add_demand(parser)
    for group in (Machines, Prices):
        for field in fields(group):
            kind = share if field.name in ("busy", "full") else amount
            flag = f"--{'price-' if group is Prices else ''}{field.name.replace('_', '-')}"
            meaning = f"{_HELP[group]} (%(default)s)"
            parser.add_argument(flag, type=kind, default=field.default, metavar="N", help=meaning)
    parser.add_argument(
        "--costs", type=Path, default=COSTS, metavar="FILE", help="as `python -m bench.writes.unit_costs` writes it"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="where to draw the growth up to this size, as SVG")
    parser.set_defaults(run=run)


def _add_demand(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--daily-users", type=amount, required=True, metavar="N", help="people a day, such as 100M")
    usual = {field.name: field.default for field in fields(Demand)} | {"tweets_per_user": 5, "mean_followers": 75}
    for name, kind, meaning in _DEMAND_OPTIONS:
        flag, metavar = f"--{name.replace('_', '-')}", "SHARE" if kind is share else "N"
        parser.add_argument(flag, type=kind, default=usual[name], metavar=metavar, help=f"{meaning} (%(default)s)")


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


def amount_or_none(text: str) -> float:
    """As `amount`, or 0."""
    return 0.0 if text == "0" else amount(text)


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


_HELP: Final = {Machines: "of one machine", Prices: "in dollars a month"}
_DEMAND_OPTIONS: Final = (
    ("tweets_per_user", amount, "a day"),
    ("likes_per_user", amount_or_none, "a day"),
    ("retweets_per_user", amount_or_none, "a day; they are pushed as tweets are"),
    ("follows_per_user", amount_or_none, "a day"),
    ("unfollows_per_user", amount_or_none, "a day"),
    ("pictures_per_user", amount_or_none, "posted a day"),
    ("picture_views_per_user", amount_or_none, "seen a day, at the size of timelines"),
    ("mails_per_user", amount_or_none, "a day"),
    ("mean_followers", amount, "of whoever posts, each post counted"),
    ("pages_per_user", amount, "a day"),
    ("live", share, "with a subscription open"),
    ("peak", amount, "busiest second, times the mean"),
    ("copies", copies, "of all that is kept"),
    ("kept_days", amount, "for which tweets, retweets and likes are counted"),
)


def run(options: argparse.Namespace) -> int:
    try:
        measured = read_costs(options.costs)
    except CostsError as error:
        print(error)  # noqa: T201 - the output of a command
        return _FAILED
    demand = Demand(**{field.name: getattr(options, field.name) for field in fields(Demand)})
    machines = Machines(**{field.name: getattr(options, field.name) for field in fields(Machines)})
    prices = Prices(**{field.name: getattr(options, f"price_{field.name}") for field in fields(Prices)})
    found = plan(demand, measured.costs, machines, prices)
    print("\n".join([*report_lines(demand, measured, found), ""]))  # noqa: T201
    if options.picture is not None:
        options.picture.write_text(growth_chart(demand, measured.costs, machines, prices))
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
    said = [str(table.get(name, "?")) for name in ("measured_on", "machine")]
    acts = [str(table.get(f"acts_{name}", "")) for name in ("measured_on", "machine")]
    media = [str(table.get(f"media_{name}", "")) for name in ("measured_on", "machine")]
    return Measured(Costs(**values), *said, *acts, *media)


def _is_cost(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0
