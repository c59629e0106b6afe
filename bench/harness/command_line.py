"""Command line of a benchmark that is also a program: prints its table, and draws a chart where a file is named."""

import argparse
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bench.harness.figures import Figure, machine, table

T = TypeVar("T")


def argument_parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=description)
    parser.add_argument("--picture", type=Path, metavar="FILE", help="where to draw the chart, as SVG")
    return parser


def run_and_print(
    measuring: Coroutine[Any, Any, T],
    figures: Callable[[T], Sequence[Figure]],
    picture: Callable[[T], str],
    file: Path | None,
) -> None:
    before, found = machine(), uvloop.run(measuring)
    print(f"\n{before} before\n\n{table(figures(found))}")
    if file is not None:
        file.write_text(picture(found))
