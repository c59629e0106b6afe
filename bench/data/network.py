"""The social network of benchmarks: a real one where its files exist, else a generated one of the same size."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.deployment.stack import ROOT

PEOPLE, EDGES, TWEETS, AUTHORS = 962, 18_812, 10_001, 9_681
_FIRST = datetime(2009, 4, 7, tzinfo=UTC)
_WORDS = ("the", "rook", "flies", "home", "over", "a", "quiet", "field", "and", "nobody", "counts", "nests", "#rooks")


class Network(NamedTuple):
    """Files for the import; the graph is undirected."""

    title: str
    graph: Path
    tweets: Path


@contextmanager
def social_network() -> Iterator[Network]:
    """Read from the folder that ROOKERY_REAL_DATA names; generated, as its title says, where that has no files."""
    folder = Path(os.environ.get("ROOKERY_REAL_DATA") or ROOT.parent / "shared" / "data").resolve()
    real = Network("real people and tweets", folder / "reed98.edges", folder / "tweets-2009.csv")
    if real.graph.exists() and real.tweets.exists():
        yield real
        return
    with TemporaryDirectory(prefix="rookery-bench-") as name:
        yield _made_up(Path(name))


def _made_up(folder: Path) -> Network:
    dice = random.Random(2009)
    network = Network("made-up people and tweets", folder / "made-up.edges", folder / "made-up.csv")
    network.graph.write_text("".join(f"{one} {other}\n" for one, other in _edges(dice)))
    network.tweets.write_text("".join(_tweets(dice)))
    return network


def _edges(dice: random.Random) -> set[tuple[int, int]]:
    """Each person has at least one edge; the other ends are drawn by popularity, which follows Zipf's law."""
    popularity = [1 / (place + 5) ** 0.6 for place in range(PEOPLE)]
    edges = {(person, dice.randrange(person)) for person in range(1, PEOPLE)}
    while len(edges) < EDGES:
        one, other = dice.choices(range(PEOPLE), popularity, k=2)
        if one != other:
            edges.add((max(one, other), min(one, other)))
    return edges


def _tweets(dice: random.Random) -> Iterator[str]:
    for number in range(TWEETS):
        date = (_FIRST + timedelta(seconds=dice.randrange(80 * 86_400))).strftime("%a %b %d %H:%M:%S UTC %Y")
        text = " ".join(dice.choices(_WORDS, k=dice.randint(3, 25)))
        yield f'0,{number},{date},NO_QUERY,person_{number % AUTHORS},"{text}"\n'
