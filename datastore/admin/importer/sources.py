"""Files to import, read line by line. A bad line is told with its number and left out; the others are not affected."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

# `user_` and so many digits are a handle.
_MOST_DIGITS = 10


class BadLineError(ValueError):
    """Why a line can't be taken; the text is safe to print."""


class BadLine(NamedTuple):
    """`number` counts from 1."""

    path: Path
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.number}: {self.reason}"


class GraphEdge(NamedTuple):
    """Numbers of nodes."""

    follower: int
    followee: int


def read_lines(
    path: Path, parse: Callable[[bytes], T], tell: Callable[[BadLine], object], *, limit: int | None = None
) -> Iterator[T]:
    """What `parse` makes of the first `limit` lines; empty ones are passed over. It refuses by BadLineError."""
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, limit), 1):
            if line.isspace():
                continue
            try:
                parsed = parse(line)
            except BadLineError as error:
                tell(BadLine(path, number, str(error)))
                continue
            yield parsed


def parse_edge(line: bytes) -> GraphEdge:
    """`follower followee`, two numbers."""
    words = line.split()
    if len(words) != len(GraphEdge._fields) or not all(word.isdigit() for word in words):
        raise BadLineError("it is not two numbers: `follower followee`")
    if max(map(len, words)) > _MOST_DIGITS:
        raise BadLineError(f"a number has {_MOST_DIGITS} digits at most")
    follower, followee = map(int, words)
    if follower == followee:
        raise BadLineError("nobody follows themselves")
    return GraphEdge(follower, followee)
