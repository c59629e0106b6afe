"""Timelines of lists of people: a page beside a home page of the same people, and what read lists cost the fan-out.

Both are measured in turns of one run, so that ratios are of the same moments.
"""

import random
from collections.abc import Sequence
from statistics import median
from time import perf_counter

import httpx
import structlog

from bench.chaos.load.users import Person, Users, create_users
from bench.data.population import Plan, Population, store_population
from bench.deployment.stack import running_stack
from bench.harness.figures import Figure
from core.ids import ListId, TweetId, UserId
from core.runtime.tasks import for_each
from datastore.graph.lists import ListRecord
from datastore.jobs.jobs import BuildList, FanOut
from datastore.records.items import TweetRecord
from datastore.stores import Stores, open_stores
from schema.values.nodes import NodeType, global_id
from workers.timelines.fanout import fan_out
from workers.timelines.lists import build_list

PEOPLE, FOLLOWERS, LISTS, MEMBERS = 400, 75, 1_000, 20
PAIRS, ROUNDS, POSTS, WARM_UP = 300, 6, 50, 20
MOST_PAGE, MOST_FANOUT = 1.1, 1.2
_ITEMS = "edges { cursor node { ... on Tweet { id text author { handle } likeCount } ... on Retweet { id } } }"
_HOME = f"{{ homeTimeline(first: 20) {{ {_ITEMS} }} }}"
_LIST = f"query($id: ID!) {{ list(id: $id) {{ timeline(first: 20) {{ {_ITEMS} }} }} }}"


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with (
        running_stack() as stack,
        open_stores(stack.settings) as stores,
        httpx.AsyncClient(base_url=stack.url, timeout=30.0) as http,
    ):
        users = await create_users(stores, stack.settings, http, people=PEOPLE, authors=PEOPLE)
        pages = await _pages(stores, users, users.people[0])
    async with running_stack("counters") as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, _plan(), lists_of=range(PEOPLE))
        fanouts = await _fanouts(stores, people)
    return [
        _figure(f"page of a list beside a home page, {PAIRS} pairs, medians", pages, MOST_PAGE),
        _figure(f"fan-out to {FOLLOWERS} followers with {LISTS:,} lists of {MEMBERS} in memory", fanouts, MOST_FANOUT),
    ]


def _figure(what: str, times: tuple[float, float], most: float) -> Figure:
    ours, other = times
    ratio = ours / other
    goal = f"<= {most:g}: {'met' if ratio <= most else 'missed'}"
    return Figure("member_lists", what, f"{ours * 1000:.2f} ms, {other * 1000:.2f} ms", goal, f"{ratio:.2f}")


async def _pages(stores: Stores, users: Users, reader: Person) -> tuple[float, float]:
    """Seconds of a page of a list with those whom the reader follows, and of their home page."""
    circle = [users.people[number].user_id for number in users.population.plan.followees[reader.number]]
    (birds,) = await _store_lists(stores, [reader.user_id], [[*circle, reader.user_id]])
    node, of_list, of_home = global_id(NodeType.LIST, birds), list[float](), list[float]()
    for _ in range(WARM_UP + PAIRS):
        for times, document, variables in ((of_list, _LIST, {"id": node}), (of_home, _HOME, {})):
            began = perf_counter()
            answer = await users.ask(reader, document, **variables)
            times.append(perf_counter() - began)
            if answer.trouble is not None:
                raise RuntimeError(answer.trouble)
    return median(of_list[WARM_UP:]), median(of_home[WARM_UP:])


async def _fanouts(stores: Stores, people: Population) -> tuple[float, float]:
    """Seconds of a fan-out while lists are in memory and followed, and while none is."""
    dice = random.Random(1)
    members = [[people.ids[number] for number in dice.sample(range(PEOPLE), MEMBERS)] for _ in range(LISTS)]
    owners = [people.ids[number % PEOPLE] for number in range(LISTS)]
    lists = await _store_lists(stores, owners, members)
    for list_id in lists:
        await build_list(stores, BuildList(list_id))
        await stores.timelines.home_log.position(UserId(list_id))  # somebody follows it live
    with_lists, without = list[float](), list[float]()
    for _ in range(ROUNDS):
        with_lists += [await _fanout(stores, author) for author in dice.choices(people.ids, k=POSTS)]
        for person in people.ids:
            await stores.timelines.list_audiences.forget(person)
        without += [await _fanout(stores, author) for author in dice.choices(people.ids, k=POSTS)]
        for list_id, some in zip(lists, members, strict=True):
            await stores.timelines.list_audiences.join(list_id, some)
    return median(with_lists), median(without)


async def _fanout(stores: Stores, author: UserId) -> float:
    tweet_id = TweetId(stores.ids())
    await stores.tweets.items.insert(TweetRecord(tweet_id, author, "a nest", tweet_id))
    began = perf_counter()
    await fan_out(stores, FanOut(tweet_id, author))
    return perf_counter() - began


async def _store_lists(stores: Stores, owners: Sequence[UserId], members: Sequence[Sequence[UserId]]) -> list[ListId]:
    records = [ListRecord(ListId(stores.ids()), owner, "birds", None, is_private=False) for owner in owners]
    await for_each(records, stores.users.lists.insert, at_once=4)
    rows = [
        {"_id": stores.ids(), "list": record.id, "member": member}
        for record, some in zip(records, members, strict=True)
        for member in some
    ]
    await stores.mongo.collection("list_members").insert_many(rows)
    return [record.id for record in records]


def _plan() -> Plan:
    dice = random.Random(2)
    people = range(PEOPLE)
    return Plan([sorted({*dice.sample(people, FOLLOWERS)} - {one}) for one in people], [*people] * 5)
