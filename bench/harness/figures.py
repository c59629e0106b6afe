"""What a benchmark found, and the one table that shows it."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple


class Figure(NamedTuple):
    """`goal` and `ratio` are as they are to be printed; a ratio is against what is named in `what`."""

    benchmark: str
    what: str
    measured: str
    goal: str = ""
    ratio: str = ""


_HEADINGS = Figure("benchmark", "what", "measured", "goal", "ratio")


def table(figures: Iterable[Figure]) -> str:
    rows = [_HEADINGS, *figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def percentile(values: Sequence[float], percent: int) -> float:
    """Of two values or more, by linear interpolation."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> str:
    """What the figures come from, and how busy it is: more work than cores makes every figure worse."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {_processor()}, {system}; load {os.getloadavg()[0]:.1f}"


def _line(row: Figure, widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "an unknown processor"
