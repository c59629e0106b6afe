"""Results of benchmarks as rows of one table."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple


class Figure(NamedTuple):
    """A row of the table. `goal` and `ratio` are printed as they are; `what` names what the ratio is against."""

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
    """Percentile by linear interpolation; needs at least two values."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> str:
    """One line about the machine and its load; a load above the number of cores makes every figure worse."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {_processor()}, {system}; load {os.getloadavg()[0]:.1f}"


def _line(row: Figure, widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "an unknown processor"
