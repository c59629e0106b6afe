"""The report of a capacity plan: a line per need with the costs behind it, and a chart of how the needs grow."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from datastore.admin.capacity.charts import Axes, line_chart, short
from datastore.admin.capacity.inputs import ACTS, GB, TB, Costs, Demand, Machines, Prices
from datastore.admin.capacity.planning import CapacityPlan, plan

_SHARES_OF_GROWTH: Final = (0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0)


class Measured(NamedTuple):
    costs: Costs
    measured_on: str
    machine: str
    acts_measured_on: str = ""
    acts_machine: str = ""
    media_measured_on: str = ""
    media_machine: str = ""


class _Row(NamedTuple):
    what: str
    amount: str
    source: str

    def __str__(self) -> str:
        return f"{self.what:<28} {self.amount:>22}   {self.source}"


def report_lines(demand: Demand, measured: Measured, found: CapacityPlan) -> Iterable[str]:
    costs = measured.costs
    yield f"costs measured on {measured.measured_on}, {measured.machine}"
    if demand.acts and measured.acts_measured_on:
        yield f"costs of acts measured on {measured.acts_measured_on}, {measured.acts_machine}"
    if (demand.pictures or demand.mails) and measured.media_measured_on:
        yield f"costs of pictures and mails measured on {measured.media_measured_on}, {measured.media_machine}"
    yield ""
    rows = [
        *_load_rows(demand, found),
        *_redis_rows(demand, costs, found),
        *_server_rows(demand, costs, found),
        *_mongo_rows(demand, costs, found),
        *_total_rows(demand, costs, found),
    ]
    yield from map(str, rows)


def _load_rows(demand: Demand, found: CapacityPlan) -> list[_Row]:
    posted = f"{short(demand.daily_users)} people x {demand.tweets_per_user:g} a day"
    pushed = f"x {demand.mean_followers:g} followers; {short(found.peak_pushes)}/s at the peak"
    acts = [_Row("acts", f"{short(demand.acts)}/s", _acts_a_day(demand))] if demand.acts else []
    return [
        _Row("tweets", f"{short(demand.tweets)}/s", posted),
        *acts,
        *_media_rows(demand),
        _Row("pushes into lists", f"{short(found.pushes)}/s", pushed),
        _Row("home pages", f"{short(demand.pages)}/s", f"{demand.pages_per_user:g} a person and day"),
    ]


def _media_rows(demand: Demand) -> list[_Row]:
    seen = f"{demand.pictures_per_user:g} a person and day, {demand.picture_views_per_user:g} seen"
    pictures = [_Row("pictures", f"{short(demand.pictures)}/s", seen)] if demand.pictures else []
    each = f"{demand.mails_per_user:g} a person and day"
    return [*pictures, *([_Row("mails", f"{short(demand.mails)}/s", each)] if demand.mails else [])]


def _acts_a_day(demand: Demand) -> str:
    numbers = {act: getattr(demand, f"{act}s_per_user") for act in ACTS}
    return ", ".join(f"{number:g} {act}s" for act, number in numbers.items() if number) + " a person and day"


def _acts_us(demand: Demand, costs: Costs, part: str) -> str:
    """Costs of the acts that are planned for, to be appended to those of posts."""
    named = {act: f"an {act}" if act.startswith("u") else f"a {act}" for act in ACTS if demand.acts_of(act)}
    return "".join(f", {costs.of_act(part, act):,.0f} {name}" for act, name in named.items())


def _redis_rows(demand: Demand, costs: Costs, found: CapacityPlan) -> list[_Row]:
    held = f"{costs.list_bytes:,.0f} bytes a list, {demand.copies} copies"
    cached = f"and a day's tweets, {costs.cached_tweet_bytes:,.0f} bytes each"
    work = f"{costs.redis_push_us:.2f} us a push, {costs.redis_page_us:.0f} us a page{_acts_us(demand, costs, 'redis')}"
    return [
        _Row("memory of home lists", f"{found.list_memory / TB:.2f} TB", held),
        _Row("memory of Redis", f"{found.redis_memory / TB:.2f} TB", cached),
        _Row("Redis shards", f"{found.redis_shards:,} ({found.redis_nodes:,} nodes)", work),
    ]


def _server_rows(demand: Demand, costs: Costs, found: CapacityPlan) -> list[_Row]:
    api = f"{costs.api_page_us:,.0f} a page, {costs.api_post_us:,.0f} a post, {costs.api_event_us:,.0f} an event"
    workers = f"{costs.worker_push_us:.2f} us a push, {costs.worker_post_us:,.0f} us a post"
    workers += _acts_us(demand, costs, "worker")
    workers += f", {costs.worker_picture_us:,.0f} a picture" if demand.pictures else ""
    workers += f", {costs.worker_mail_us:,.0f} a mail" if demand.mails else ""
    sockets = f"{short(demand.sockets)} sockets of {costs.socket_bytes / 1e3:,.0f} kB"
    return [
        _Row("cores for the API", f"{found.api_cores:,.0f}", f"us: {api}{_acts_us(demand, costs, 'api')}"),
        _Row("cores for workers", f"{found.worker_cores:,.0f}", workers),
        _Row("servers for both", f"{found.servers:,}", sockets),
    ]


def _mongo_rows(demand: Demand, costs: Costs, found: CapacityPlan) -> list[_Row]:
    kept = f"{costs.tweet_disk_bytes:,.0f} bytes a tweet, {demand.kept_days:g} days, {demand.copies} copies"
    work = f"{costs.mongo_post_us:,.0f} us a post, {costs.mongo_push_us:.2f} us a push"
    work += _acts_us(demand, costs, "mongo")
    stored = f"{costs.picture_stored_bytes:,.0f} bytes a picture, {demand.kept_days:g} days"
    pictures = [_Row("storage of pictures", f"{found.picture_disk / TB:,.0f} TB", stored)] if demand.pictures else []
    return [
        _Row("MongoDB on disk", f"{found.mongo_disk / TB:,.0f} TB", kept),
        _Row("MongoDB shards", f"{found.mongo_shards:,} ({found.mongo_nodes:,} nodes)", work),
        *pictures,
    ]


def _total_rows(demand: Demand, costs: Costs, found: CapacityPlan) -> list[_Row]:
    sent = f"{costs.page_wire_bytes:,.0f} bytes a page, {costs.event_wire_bytes:,.0f} an event"
    sent += f", {costs.picture_wire_bytes:,.0f} a picture" if demand.picture_views else ""
    each = f"${found.dollars / demand.daily_users * 1000:,.2f} for 1,000 people"
    return [
        _Row("bandwidth at the peak", f"{found.traffic * 8 / GB:,.1f} Gbit/s", sent),
        _Row("money", f"${found.dollars:,.0f} a month", each),
    ]


def growth_chart(demand: Demand, costs: Costs, machines: Machines, prices: Prices) -> str:
    """The needs from a small network up to this size, as SVG."""
    lines: Mapping[str, list[tuple[float, float]]] = {
        name: [] for name in ("servers", "Redis nodes", "MongoDB nodes", "k$ a month")
    }
    for part in _SHARES_OF_GROWTH:
        sized = replace(demand, daily_users=demand.daily_users * part)
        found = plan(sized, costs, machines, prices)
        needs = (found.servers, found.redis_nodes, found.mongo_nodes, found.dollars / 1e3)
        for line, need in zip(lines.values(), needs, strict=True):
            line.append((sized.daily_users, need))
    return line_chart(Axes("What a network needs", "people a day", "machines, thousands of dollars"), lines)
