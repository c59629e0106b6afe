"""Reads files to import, line by line. A bad line is reported with its number and skipped."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

# `user_` and ten digits are still a handle.
_MOST_DIGITS = 10


class BadLineError(ValueError):
    """A line can't be parsed; the text is safe to print."""


class BadLine(NamedTuple):
    """`number` counts from 1."""

    path: Path
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.number}: {self.reason}"


class GraphEdge(NamedTuple):
    """Node numbers."""

    follower: int
    followee: int


def read_lines(
    path: Path, parse: Callable[[bytes], T], on_bad_line: Callable[[BadLine], object], *, limit: int | None = None
) -> Iterator[T]:
    """The parsed lines among the first `limit`; empty lines are skipped, as are those for which `parse` raises
    BadLineError.
    """
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, limit), 1):
            if line.isspace():
                continue
            try:
                parsed = parse(line)
            except BadLineError as error:
                on_bad_line(BadLine(path, number, str(error)))
                continue
            yield parsed


def parse_edge(line: bytes) -> GraphEdge:
    """Parses `follower followee`, two numbers. Raises BadLineError."""
    words = line.split()
    if len(words) != len(GraphEdge._fields) or not all(word.isdigit() for word in words):
        raise BadLineError("it is not two numbers: `follower followee`")
    if max(map(len, words)) > _MOST_DIGITS:
        raise BadLineError(f"a number has {_MOST_DIGITS} digits at most")
    follower, followee = map(int, words)
    if follower == followee:
        raise BadLineError("nobody follows themselves")
    return GraphEdge(follower, followee)
