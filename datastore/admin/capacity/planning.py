"""Capacity planning: servers, shards, memory, bandwidth and money for a network, from measured costs of single acts.

Formulas alone; nothing is read. Each number of machines is the largest of its limits: the data to be held and the work
of the busiest second.
"""

import math
from dataclasses import dataclass, replace

from datastore.admin.capacity.inputs import ACTS, DAY_SECONDS, GB, MONTH_DAYS, TB, Costs, Demand, Machines, Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityPlan:
    """Memory and disk are bytes with all copies, but for those of pictures, which their storage makes.

    `traffic` is in outgoing bytes per second at the peak, `dollars` a month.
    """

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
    picture_disk: float
    traffic: float
    dollars: float


def plan(demand: Demand, costs: Costs, machines: Machines, prices: Prices) -> CapacityPlan:
    redis_shards, redis_memory = _redis(demand, costs, machines)
    mongo_shards, mongo_disk = _mongo(demand, costs, machines)
    api_cores, worker_cores = _api_cores(demand, costs) / machines.busy, _worker_cores(demand, costs) / machines.busy
    mean_traffic = demand.pages * costs.page_wire_bytes + demand.events * costs.event_wire_bytes
    mean_traffic += demand.picture_views * costs.picture_wire_bytes
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
        picture_disk=demand.pictures * DAY_SECONDS * demand.kept_days * costs.picture_stored_bytes,
        traffic=mean_traffic * demand.peak,
        dollars=0.0,
    )
    return replace(unpriced, dollars=_dollars(unpriced, machines, prices, mean_traffic))


def _redis(demand: Demand, costs: Costs, machines: Machines) -> tuple[int, float]:
    """Shards, and bytes with all copies: a list per person and a day's tweets as they are cached."""
    held = demand.daily_users * costs.list_bytes + demand.tweets * DAY_SECONDS * costs.cached_tweet_bytes
    us = demand.pushes * costs.redis_push_us + demand.pages * costs.redis_page_us + _acts_us(demand, costs, "redis")
    us += demand.mails * costs.redis_mail_us
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
    us += demand.mails * costs.mongo_mail_us
    busy = demand.peak * us / 1e6
    by_disk = (tweets + people) / (machines.mongo_disk_tb * TB * machines.full)
    by_work = busy / (machines.mongo_cores * machines.busy)
    return _whole(max(by_disk, by_work), least=1), (tweets + people) * demand.copies


def _api_cores(demand: Demand, costs: Costs) -> float:
    us = demand.pages * costs.api_page_us + demand.tweets * costs.api_post_us + demand.events * costs.api_event_us
    return demand.peak * (us + _acts_us(demand, costs, "api")) / 1e6


def _worker_cores(demand: Demand, costs: Costs) -> float:
    us = demand.pushes * costs.worker_push_us + demand.tweets * costs.worker_post_us
    us += demand.pictures * costs.worker_picture_us + demand.mails * costs.worker_mail_us
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
    picture_tb = unpriced.picture_disk / TB
    traffic_tb = mean_traffic * DAY_SECONDS * MONTH_DAYS / TB
    kept = disk_tb * prices.disk_tb + picture_tb * prices.picture_tb
    return cores * prices.core + memory_gb * prices.memory_gb + kept + traffic_tb * prices.traffic_tb


def _whole(value: float, least: int) -> int:
    return max(math.ceil(value), least)
