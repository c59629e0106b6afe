"""`python -m workers [NAME ...]`: runs all background workers, or those named, until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
import uvloop
from prometheus_client import start_http_server

from core.ids import TweetId, UserId
from core.runtime.gc_tuning import GrowthCollector, tune_gc
from core.runtime.logs import set_up_logs
from core.runtime.tracing import tracing
from core.settings import Settings, load_settings
from datastore.counts.consistency_check import repair_sample
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.health import unreachable
from datastore.jobs.routing import ACCOUNTS, FANOUT, MAIL, MEDIA, MODERATION, NOTIFICATIONS, PUSH, TIMELINES
from datastore.mongo.form import UnfitFormError, on_fit_form
from datastore.stores import Stores, open_stores
from workers import accounts, notifications
from workers.consumer.batch_runner import BatchRunner
from workers.consumer.durability import warn_if_volatile
from workers.consumer.runner import Runner
from workers.counters import Counters
from workers.mails import mails
from workers.media.run import run as run_media
from workers.moderation import decisions
from workers.push import push
from workers.sweep import Sweeper
from workers.timelines import fanout, timelines
from workers.trends.trends import TrendsWorker

COUNTERS = "counters"
Run = Callable[[Stores, asyncio.Event, Settings], Coroutine[Any, Any, None]]

WORKERS: Mapping[str, Run] = {
    FANOUT: lambda stores, stop, _: fanout.run(stores, stop),
    ACCOUNTS: lambda stores, stop, _: Runner(stores.jobs, ACCOUNTS, partial(accounts.handle, stores)).run(stop),
    NOTIFICATIONS: lambda stores, stop, _: BatchRunner(
        stores.jobs, NOTIFICATIONS, partial(notifications.handle, stores)
    ).run(stop),
    TIMELINES: lambda stores, stop, _: Runner(stores.jobs, TIMELINES, partial(timelines.handle, stores)).run(stop),
    MEDIA: lambda stores, stop, _: run_media(stores, stop),
    MODERATION: lambda stores, stop, _: decisions.run(stores, stop),
    COUNTERS: lambda stores, stop, _: Counters(stores).run(stop),
    MAIL: lambda stores, stop, settings: mails.run(stores, settings, stop),
    PUSH: lambda stores, stop, settings: push.run(stores, settings, stop),
    "trends": lambda stores, stop, _: TrendsWorker(stores.trends, stores.users.accounts).run(stop),
    "sweep": lambda stores, stop, _: Sweeper(stores.jobs, stores.notifications).run(stop),
}


async def verify_counts(settings: Settings, sample: int) -> int:
    """Checks and repairs a sample; prints a line for each wrong count. Returns 1 if there was any, else 0."""
    async with open_stores(settings) as stores:
        tweets = await repair_sample(stores.mongo, TWEET_COUNTERS, sample)
        users = await repair_sample(stores.mongo, USER_COUNTERS, sample)
        await stores.tweets.counts.invalidate(*[TweetId(count.target) for count in tweets.wrong])
        await stores.users.counts.invalidate(*[UserId(count.target) for count in users.wrong])
    for kind, result in (("tweet", tweets), ("person", users)):
        for count in result.wrong:
            print(f"{kind} {count.target}: {count.counted} stood at {count.stored}, mended to {count.right}")
    mended = len(tweets.wrong) + len(users.wrong)
    print(f"{tweets.checked} tweets and {users.checked} people recounted, {mended} counts mended")
    return 1 if mended else 0


async def run_workers(settings: Settings, names: Sequence[str], stop: asyncio.Event) -> None:
    async with open_stores(settings) as stores, on_fit_form(stores.mongo, stop.set), asyncio.TaskGroup() as group:
        for line in await unreachable(stores, settings):
            structlog.get_logger().warning(line)
        group.create_task(warn_if_volatile(stores.jobs, stop))
        for name in names:
            group.create_task(WORKERS[name](stores, stop, settings), name=name)


async def _main(settings: Settings, names: Sequence[str]) -> None:
    GrowthCollector().start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if settings.worker_metrics_port is not None:
        start_http_server(settings.worker_metrics_port, addr=settings.worker_metrics_host)
    with tracing("rookery-workers"):
        await run_workers(settings, names, stop)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m workers", description="Runs background consumers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(WORKERS)} (all)")
    parser.add_argument(
        "--verify", action="store_true", help="counters: recount a sample of tweets and people, mend it, and end"
    )
    parser.add_argument(
        "--sample", type=_size, default=10_000, metavar="NUMBER", help="of each how many to verify (10000)"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(WORKERS):
        parser.error(f"no such worker: {', '.join(sorted(unknown))}; there are {', '.join(WORKERS)}")
    if options.verify and options.names != [COUNTERS]:
        parser.error(f"--verify goes with {COUNTERS} alone")
    settings = load_settings()
    set_up_logs(as_json=settings.is_prod)
    if options.verify:
        return uvloop.run(verify_counts(settings, options.sample))
    tune_gc()
    try:
        uvloop.run(_main(settings, options.names or list(WORKERS)))
    except UnfitFormError as error:
        raise SystemExit(str(error)) from None
    return 0


def _size(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
