"""Capacity planning: servers, shards, memory, bandwidth and money for a network, from measured costs of single acts.

Formulas alone; nothing is read. Each number of machines is the largest of its limits: the data to be held and the work
of the busiest second.
"""

import math
from dataclasses import dataclass, replace

DAY_SECONDS = 86_400
MONTH_DAYS = 30
GB, TB = 1e9, 1e12
ACTS = ("like", "retweet", "follow", "unfollow")
"""Acts that are planned for, beside tweets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The load of a network.

    `mean_followers` counts each author once per post. `pages_per_user` are home timeline pages a day. `live` is the
    share of people with a subscription open. `peak` is the busiest second as a multiple of the mean. `copies` are kept
    of every list and document. `kept_days` are the days for which tweets, retweets and likes are counted.
    """

    daily_users: float
    tweets_per_user: float
    mean_followers: float
    likes_per_user: float = 0
    retweets_per_user: float = 0
    follows_per_user: float = 0
    unfollows_per_user: float = 0
    pages_per_user: float = 100
    live: float = 0.05
    peak: float = 3
    copies: int = 3
    kept_days: float = 365

    @property
    def tweets(self) -> float:
        """Mean, per second."""
        return self.daily_users * self.tweets_per_user / DAY_SECONDS

    @property
    def pushes(self) -> float:
        """Into home timelines; mean, per second."""
        return (self.tweets + self.acts_of("retweet")) * self.mean_followers

    @property
    def acts(self) -> float:
        """Of all kinds in ACTS; mean, per second."""
        return sum(map(self.acts_of, ACTS))

    def acts_of(self, act: str) -> float:
        """Mean, per second."""
        per_user: float = getattr(self, f"{act}s_per_user")
        return self.daily_users * per_user / DAY_SECONDS

    @property
    def pages(self) -> float:
        """Mean, per second."""
        return self.daily_users * self.pages_per_user / DAY_SECONDS

    @property
    def sockets(self) -> float:
        return self.daily_users * self.live

    @property
    def events(self) -> float:
        """To sockets; mean, per second. The share of live people is also that of pushes whose reader is live."""
        return self.pushes * self.live


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """`_us` is processor time in microseconds, of the process that the name begins with."""

    list_bytes: float
    cached_tweet_bytes: float
    redis_push_us: float
    redis_page_us: float
    worker_push_us: float
    worker_post_us: float
    api_page_us: float
    api_post_us: float
    api_event_us: float
    mongo_post_us: float
    mongo_push_us: float
    socket_bytes: float
    page_wire_bytes: float
    event_wire_bytes: float
    tweet_disk_bytes: float
    person_disk_bytes: float
    follow_disk_bytes: float
    like_disk_bytes: float
    api_like_us: float
    worker_like_us: float
    mongo_like_us: float
    redis_like_us: float
    api_retweet_us: float
    worker_retweet_us: float
    mongo_retweet_us: float
    redis_retweet_us: float
    api_follow_us: float
    worker_follow_us: float
    mongo_follow_us: float
    redis_follow_us: float
    api_unfollow_us: float
    worker_unfollow_us: float
    mongo_unfollow_us: float
    redis_unfollow_us: float

    def of_act(self, part: str, act: str) -> float:
        """`part`: api, worker, mongo, redis."""
        cost: float = getattr(self, f"{part}_{act}_us")
        return cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """One machine of each kind. `busy` and `full` are the shares used; the rest is for failures and growth."""

    busy: float = 0.6
    full: float = 0.7
    server_cores: float = 16
    server_gb: float = 64
    redis_gb: float = 32
    mongo_cores: float = 16
    mongo_disk_tb: float = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Dollars a month."""

    core: float = 20
    memory_gb: float = 2.5
    disk_tb: float = 90
    traffic_tb: float = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityPlan:
    """Memory and disk are bytes with all copies, `traffic` outgoing bytes per second at the peak, `dollars` a month."""

    pushes: float
    peak_pushes: float
    list_memory: float
    redis_memory: float
    redis_shards: int
    redis_nodes: int
    api_cores: float
    worker_cores: float
    servers: int
    mongo_disk: float
    mongo_shards: int
    mongo_nodes: int
    traffic: float
    dollars: float


def plan(demand: Demand, costs: Costs, machines: Machines, prices: Prices) -> CapacityPlan:
    redis_shards, redis_memory = _redis(demand, costs, machines)
    mongo_shards, mongo_disk = _mongo(demand, costs, machines)
    api_cores, worker_cores = _api_cores(demand, costs) / machines.busy, _worker_cores(demand, costs) / machines.busy
    mean_traffic = demand.pages * costs.page_wire_bytes + demand.events * costs.event_wire_bytes
    unpriced = CapacityPlan(
        pushes=demand.pushes,
        peak_pushes=demand.pushes * demand.peak,
        list_memory=demand.daily_users * costs.list_bytes * demand.copies,
        redis_memory=redis_memory,
        redis_shards=redis_shards,
        redis_nodes=redis_shards * demand.copies,
        api_cores=api_cores,
        worker_cores=worker_cores,
        servers=_servers(demand, costs, machines, cores=api_cores + worker_cores),
        mongo_disk=mongo_disk,
        mongo_shards=mongo_shards,
        mongo_nodes=mongo_shards * demand.copies,
        traffic=mean_traffic * demand.peak,
        dollars=0.0,
    )
    return replace(unpriced, dollars=_dollars(unpriced, machines, prices, mean_traffic))


def _redis(demand: Demand, costs: Costs, machines: Machines) -> tuple[int, float]:
    """Shards, and bytes with all copies: a list per person and a day's tweets as they are cached."""
    held = demand.daily_users * costs.list_bytes + demand.tweets * DAY_SECONDS * costs.cached_tweet_bytes
    us = demand.pushes * costs.redis_push_us + demand.pages * costs.redis_page_us + _acts_us(demand, costs, "redis")
    busy = demand.peak * us / 1e6
    by_memory = held / (machines.redis_gb * GB * machines.full)
    return _whole(max(by_memory, busy / machines.busy), least=3), held * demand.copies


def _mongo(demand: Demand, costs: Costs, machines: Machines) -> tuple[int, float]:
    """Shards, and bytes on disk with all copies."""
    items = demand.tweets + demand.acts_of("retweet")
    bytes_a_second = items * costs.tweet_disk_bytes + demand.acts_of("like") * costs.like_disk_bytes
    tweets = bytes_a_second * DAY_SECONDS * demand.kept_days
    people = demand.daily_users * (costs.person_disk_bytes + demand.mean_followers * costs.follow_disk_bytes)
    us = demand.tweets * costs.mongo_post_us + demand.pushes * costs.mongo_push_us + _acts_us(demand, costs, "mongo")
    busy = demand.peak * us / 1e6
    by_disk = (tweets + people) / (machines.mongo_disk_tb * TB * machines.full)
    by_work = busy / (machines.mongo_cores * machines.busy)
    return _whole(max(by_disk, by_work), least=1), (tweets + people) * demand.copies


def _api_cores(demand: Demand, costs: Costs) -> float:
    us = demand.pages * costs.api_page_us + demand.tweets * costs.api_post_us + demand.events * costs.api_event_us
    return demand.peak * (us + _acts_us(demand, costs, "api")) / 1e6


def _worker_cores(demand: Demand, costs: Costs) -> float:
    us = demand.pushes * costs.worker_push_us + demand.tweets * costs.worker_post_us
    return demand.peak * (us + _acts_us(demand, costs, "worker")) / 1e6


def _acts_us(demand: Demand, costs: Costs, part: str) -> float:
    """Processor time of a mean second, in microseconds. Pushes of a retweet are counted as pushes beside it."""
    return sum(demand.acts_of(act) * costs.of_act(part, act) for act in ACTS)


def _servers(demand: Demand, costs: Costs, machines: Machines, *, cores: float) -> int:
    by_cores = cores / machines.server_cores
    by_sockets = demand.sockets * costs.socket_bytes / (machines.server_gb * GB * machines.full)
    return _whole(max(by_cores, by_sockets), least=2)


def _dollars(unpriced: CapacityPlan, machines: Machines, prices: Prices, mean_traffic: float) -> float:
    servers, redis, mongo = unpriced.servers, unpriced.redis_nodes, unpriced.mongo_nodes
    cores = servers * machines.server_cores + mongo * machines.mongo_cores + redis * 2
    memory_gb = servers * machines.server_gb + redis * machines.redis_gb + mongo * machines.server_gb
    disk_tb = unpriced.mongo_disk / machines.full / TB
    traffic_tb = mean_traffic * DAY_SECONDS * MONTH_DAYS / TB
    return (
        cores * prices.core + memory_gb * prices.memory_gb + disk_tb * prices.disk_tb + traffic_tb * prices.traffic_tb
    )


def _whole(value: float, least: int) -> int:
    return max(math.ceil(value), least)
