"""`python -m bench [NAME ...]`: all benchmarks, or those named, and one table of what they found."""

import argparse
from collections.abc import Awaitable, Callable, Mapping, Sequence

import uvloop

from bench.comparisons import mixed, peers, sockets
from bench.growth import growth, processes, scale, shards
from bench.harness.figures import Figure, machine, table
from bench.reads import beyond, engine, flame, hotreads, page, reading, searching, trending
from bench.writes import acts, adsday, advertising, counting, fanout, notifying, push

BENCHMARKS: Mapping[str, Callable[[], Awaitable[list[Figure]]]] = {
    "push": push.run,
    "fanout": fanout.run,
    "hotreads": hotreads.run,
    "reading": reading.run,
    "beyond": beyond.run,
    "growth": growth.run,
    "counting": counting.run,
    "notifying": notifying.run,
    "advertising": advertising.run,
    "adsday": adsday.run,
    "trending": trending.run,
    "search": searching.run,
    "scale": scale.run,
    "shards": shards.run,
    "processes": processes.run,
    "engine": engine.run,
    "page": page.run,
    "sockets": sockets.run,
    "flame": flame.run,
    "peers": peers.run,
    "mixed": mixed.run,
    "acts": acts.run,
}


async def _measure(names: Sequence[str]) -> list[Figure]:
    return [figure for name in names for figure in await BENCHMARKS[name]()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks, one table of all.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=BENCHMARKS, help="some of: %(choices)s (all)")
    chosen = parser.parse_args().names
    before = machine()
    figures = uvloop.run(_measure(chosen or list(BENCHMARKS)))
    print(f"\n{before} before\n\n{table(figures)}")
