"""A benchmark as a program of its own: prints its table, and draws its curves where a file for them is named."""

import argparse
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bench.harness.figures import Figure, machine, table

T = TypeVar("T")


def program(name: str, told: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=told)
    parser.add_argument("--picture", type=Path, metavar="FILE", help="where to draw the curves, as SVG")
    return parser


def publish(
    measuring: Coroutine[Any, Any, T],
    figures: Callable[[T], Sequence[Figure]],
    picture: Callable[[T], str],
    file: Path | None,
) -> None:
    before, found = machine(), uvloop.run(measuring)
    print(f"\n{before} before\n\n{table(figures(found))}")
    if file is not None:
        file.write_text(picture(found))
