"""`python -m bench [NAME ...]`: runs all benchmarks, or those named, and prints one table of their figures."""

import argparse
from collections.abc import Awaitable, Callable, Mapping, Sequence

import uvloop

from bench.acts import acts, acts_under_kills
from bench.ads import ads_day, ads_on_pages
from bench.comparisons import builds, idle_connections, mixed, peers, pictures, sockets
from bench.execution import document_guard, engine, limits, memory, points
from bench.harness.figures import Figure, machine, table
from bench.languages import guesses, stemming
from bench.reads import (
    cold_pages,
    deep_pages,
    flame_graph,
    home_page,
    member_lists,
    picture_reads,
    search,
    trends,
    web_page,
)
from bench.redis_clients import clients, redis_pipeline
from bench.scaling import celebrity_fanout, network_size, processes, redis_shards
from bench.writes import counters, edits, fanout, hostile_pictures, live_push, mails, notifications, suspensions

BENCHMARKS: Mapping[str, Callable[[], Awaitable[list[Figure]]]] = {
    "live_push": live_push.run,
    "fanout": fanout.run,
    "redis_pipeline": redis_pipeline.run,
    "clients": clients.run,
    "home_page": home_page.run,
    "deep_pages": deep_pages.run,
    "network_size": network_size.run,
    "counters": counters.run,
    "notifications": notifications.run,
    "suspensions": suspensions.run,
    "ads_on_pages": ads_on_pages.run,
    "ads_day": ads_day.run,
    "trends": trends.run,
    "search": search.run,
    "celebrity_fanout": celebrity_fanout.run,
    "redis_shards": redis_shards.run,
    "processes": processes.run,
    "document_guard": document_guard.run,
    "points": points.run,
    "engine": engine.run,
    "limits": limits.run,
    "web_page": web_page.run,
    "sockets": sockets.run,
    "idle_connections": idle_connections.run,
    "flame_graph": flame_graph.run,
    "peers": peers.run,
    "mixed": mixed.run,
    "acts": acts.run,
    "acts_under_kills": acts_under_kills.run,
    "builds": builds.run,
    "memory": memory.run,
    "cold_pages": cold_pages.run,
    "mails": mails.run,
    "edits": edits.run,
    "member_lists": member_lists.run,
    "pictures": pictures.run,
    "hostile_pictures": hostile_pictures.run,
    "picture_reads": picture_reads.run,
    "languages": guesses.run,
    "stems": stemming.run,
}


async def _measure(names: Sequence[str]) -> list[Figure]:
    return [figure for name in names for figure in await BENCHMARKS[name]()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description="Runs benchmarks and prints one table.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=BENCHMARKS, help="some of: %(choices)s (all)")
    chosen = parser.parse_args().names
    before = machine()
    figures = uvloop.run(_measure(chosen or list(BENCHMARKS)))
    print(f"\n{before} before\n\n{table(figures)}")
