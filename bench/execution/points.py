"""Milliseconds of processor time a point: what operations take of API, workers and stores, beside what they cost.

`python -m bench points` reads and writes as one of 300 people who follow each other, with a history of 8,400 tweets.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from bench.data.peer_dataset import tokens_of
from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import running_stack
from bench.harness.cpu import children
from bench.harness.figures import Figure
from bench.harness.home_page import HOME
from bench.harness.load import post_request, put_load
from bench.harness.settled_cpu import SettledCpu
from core.ids import TweetId, wall_ms
from core.text.entities import extract_entities
from datastore.mongo.bulk import ids_at, insert_new
from datastore.stores import Stores, open_stores
from datastore.tweets.factory import build_tweet
from datastore.tweets.factory import to_document as tweet_document
from schema.roots import build_schema
from schema.values.nodes import NodeType, global_id
from schema.work import WORK
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Preparation
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

PEOPLE, FOLLOWED, TWEETS_EACH, RECENT = 300, 40, 18, 3_000
CONNECTIONS = 4
READS, WRITES, HASHES = 150, 100, 30
GOAL = 5
_SHOWN = "id text createdAt likeCount viewerHasLiked author { id handle name avatarUrl }"
_DONE = "userErrors { message }"

Variables = Mapping[str, object]


class Asked(NamedTuple):
    """`variables` are those of the request with a number; `times` is the number of requests."""

    name: str
    document: str
    variables: Callable[[int], Variables]
    times: int = READS


class Measured(NamedTuple):
    name: str
    points: int
    ms: float
    parts: Mapping[str, float]

    @property
    def ms_a_point(self) -> float:
        return self.ms / self.points


async def run() -> list[Figure]:
    before = children()
    async with running_stack() as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, _plan(), lists_of=range(PEOPLE))
        recent = await _store_recent(stores, people)
        tokens = await tokens_of(stores, stack.settings, people.ids)
        cpu, port = SettledCpu(children() - before), int(stack.url.rpartition(":")[2])
        measured = [await _measure(cpu, port, tokens, asked) for asked in _asked(people, recent)]
    by_price = sorted(measured, key=lambda one: one.ms_a_point)
    spread = by_price[-1].ms_a_point / by_price[0].ms_a_point
    return [*map(_figure, by_price), Figure("points", "dearest to cheapest point", f"{spread:.1f}", f"<= {GOAL}")]


async def _measure(cpu: SettledCpu, port: int, tokens: Sequence[str], asked: Asked) -> Measured:
    """Reads are asked once before, so that rows are in the caches; acts are not, which would then have been done."""
    requests = list(_requests(tokens, asked))
    is_read = not asked.document.startswith("mutation")
    first, rest = (requests, requests) if is_read else (requests[: CONNECTIONS * 2], requests[CONNECTIONS * 2 :])
    await put_load(port, iter(first), seconds=60.0, connections=CONNECTIONS)
    async with cpu.measured() as parts:
        load = await put_load(port, iter(rest), seconds=120.0, connections=CONNECTIONS)
    assert load.wrong == 0, (asked.name, load.wrong)
    each = {part: ms / len(rest) for part, ms in parts.items()}
    measured = Measured(asked.name, points_of(asked.document, asked.variables(0)), sum(each.values()), each)
    print(f"points: {asked.name}, {measured.ms:.2f} ms, {measured.points} points", flush=True)
    return measured


def points_of(document: str, variables: Variables) -> int:
    preparation = Preparation(
        graphql_schema(build_schema()), DEFAULT_LIMITS, introspection=True, suggestions=True, work=WORK
    )
    return preparation.prepare(GraphQLRequest(document, variables=dict(variables))).cost


def _requests(tokens: Sequence[str], asked: Asked) -> Iterator[bytes]:
    for number in range(asked.times + CONNECTIONS * 2):
        head = {"authorization": f"Bearer {tokens[number % PEOPLE]}"}
        yield post_request("/graphql", {"query": asked.document, "variables": asked.variables(number)}, head)


def _figure(one: Measured) -> Figure:
    parts = ", ".join(f"{part} {ms:.2f}" for part, ms in one.parts.items())
    said = f"{one.ms_a_point:.4f} ms a point: {one.ms:.2f} ms ({parts}), {one.points} points"
    return Figure("points", one.name, said)


def _plan() -> Plan:
    dice = random.Random(8)
    followees = [dice.sample([other for other in range(PEOPLE) if other != one], FOLLOWED) for one in range(PEOPLE)]
    return Plan(followees, [author for _ in range(TWEETS_EACH) for author in range(PEOPLE)])


async def _store_recent(stores: Stores, people: Population) -> list[TweetId]:
    """Tweets of the last hour, with a common word and a tag: searches and rankings look at new ones."""
    dice, began = random.Random(9), wall_ms() - 3_600_000
    ids = [TweetId(number) for number in ids_at(range(began, began + RECENT * 1_000, 1_000))]
    rows = []
    for number, tweet_id in enumerate(ids):
        text = f"Rook {number} flies over a quiet field #rooks {dice.choice(('home', 'away', 'south'))}"
        author = people.ids[number % PEOPLE]
        tweet = build_tweet(tweet_id, author, text, entities=extract_entities(text), mentioned_ids={})
        rows.append(tweet_document(tweet))
    assert await insert_new(stores.mongo.collection("tweets"), rows) == RECENT
    return ids


def _asked(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    yield from _reads(people, recent)
    yield from _searches()
    yield from _writes(people, recent)
    yield from _passwords(people)


def _reads(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    tweets = [global_id(NodeType.TWEET, tweet) for tweet in recent]
    users = [global_id(NodeType.USER, user) for user in people.ids]
    yield Asked("the smallest operation", "{ __typename }", _nothing)
    yield Asked("viewer", "{ viewer { user { id handle name } unreadNotificationCount } }", _nothing)
    yield Asked(
        "profile", "query($handle: String!) { user(handle: $handle) { id name bio followerCount } }", _handle(people)
    )
    yield Asked("home, 20", HOME, lambda _: {"first": 20})
    yield Asked("home, 100", HOME, lambda _: {"first": 100})
    home = "{ homeTimeline(first: 100) { edges { cursor } } }"
    yield Asked("home, 100 cursors alone", home, _nothing)
    top = f"{{ homeTimeline(first: 20, mode: TOP) {{ edges {{ node {{ ... on Tweet {{ {_SHOWN} }} }} }} }} }}"
    yield Asked("home, TOP", top, _nothing)
    theirs = f"""query($handle: String!) {{ user(handle: $handle) {{ tweets(first: 20) {{
      edges {{ node {{ ... on Tweet {{ {_SHOWN} }} }} }} }} }} }}"""
    yield Asked("tweets of a person, 20", theirs, _handle(people))
    followers = """query($handle: String!) { user(handle: $handle) {
      followers(first: 20) { edges { node { id handle name } } } } }"""
    yield Asked("followers, 20", followers, _handle(people))
    nodes = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Tweet {{ {_SHOWN} }} }} }}"
    yield Asked("100 nodes", nodes, lambda number: {"ids": [tweets[(number + step) % RECENT] for step in range(100)]})
    thread = f"query($id: ID!) {{ tweet(id: $id) {{ {_SHOWN} replies(first: 20) {{ edges {{ node {{ id }} }} }} }} }}"
    yield Asked("thread", thread, lambda number: {"id": tweets[number % RECENT]})
    pages = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on User { tweets(first: 1) { edges { cursor } } } } }"
    some = [users[number : number + 20] for number in range(0, PEOPLE - 20, 20)]
    yield Asked("20 pages of one", pages, lambda number: {"ids": some[number % len(some)]}, WRITES)
    yield Asked("who to follow", "{ viewer { whoToFollow(first: 10) { id handle name } } }", _nothing)
    notes = "{ notifications(first: 20) { unreadCount edges { node { id kind actors { handle } } } } }"
    yield Asked("notifications", notes, _nothing)
    yield Asked("trends", "{ trends(first: 10) { tweetCount hashtag { name } } }", _nothing)


def _searches() -> Iterator[Asked]:
    document = f"""query($query: String!, $sort: SearchSort!) {{ searchTweets(query: $query, sort: $sort, first: 20) {{
      edges {{ node {{ {_SHOWN} }} }} }} }}"""
    yield Asked("search, a common word", document, lambda _: {"query": "rook", "sort": "LATEST"})
    yield Asked("search, two words", document, lambda number: {"query": f"rook {number}", "sort": "LATEST"})
    yield Asked("search, TOP", document, lambda _: {"query": "rook", "sort": "TOP"}, WRITES)
    people = "query($query: String!) { searchUsers(query: $query, first: 20) { edges { node { id handle name } } } }"
    yield Asked("search of people", people, lambda number: {"query": f"person {number % 9}"})


def _writes(people: Population, recent: Sequence[TweetId]) -> Iterator[Asked]:
    tweets = [global_id(NodeType.TWEET, tweet) for tweet in recent]
    users = [global_id(NodeType.USER, user) for user in people.ids]
    post = f"mutation($text: String!) {{ postTweet(input: {{text: $text}}) {{ tweet {{ id }} {_DONE} }} }}"
    yield Asked("post", post, lambda number: {"text": f"A new nest {number} in the elm"}, WRITES)
    for act in ("like", "unlike", "retweet", "unretweet", "bookmark"):
        document = f"mutation($id: ID!) {{ {act}(tweetId: $id) {{ tweet {{ id likeCount }} {_DONE} }} }}"
        yield Asked(act, document, lambda number: {"id": tweets[number * 7 % RECENT]}, WRITES)
    for act in ("follow", "unfollow", "mute", "unmute", "block", "unblock"):
        document = f"mutation($id: ID!) {{ {act}(userId: $id) {{ user {{ id }} {_DONE} }} }}"
        yield Asked(act, document, lambda number: {"id": users[(number + 1) % PEOPLE]}, WRITES)
    bio = f"mutation($bio: String!) {{ updateProfile(input: {{bio: $bio}}) {{ user {{ bio }} {_DONE} }} }}"
    yield Asked("updateProfile", bio, lambda number: {"bio": f"Rook {number}"}, WRITES)


def _passwords(people: Population) -> Iterator[Asked]:
    numbers = count()
    login = f"""mutation($login: String!, $password: String!) {{
      login(input: {{login: $login, password: $password}}) {{ tokens {{ accessToken }} {_DONE} }} }}"""
    yield Asked("login", login, lambda number: {"login": people.handle(number % PEOPLE), "password": PASSWORD}, HASHES)
    register = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ tokens {{ accessToken }} {_DONE} }} }}"

    def wanted(_: int) -> Variables:
        handle = f"new_{next(numbers)}"
        return {"input": {"handle": handle, "name": "New", "email": f"{handle}@made-up.invalid", "password": PASSWORD}}

    yield Asked("register", register, wanted, HASHES)
    change = f"""mutation($current: String!, $new: String!) {{
      changePassword(current: $current, new: $new) {{ {_DONE} }} }}"""
    yield Asked("changePassword", change, lambda _: {"current": PASSWORD, "new": PASSWORD}, HASHES)


def _nothing(_: int) -> Variables:
    return {}


def _handle(people: Population) -> Callable[[int], Variables]:
    return lambda number: {"handle": people.handle(number % PEOPLE)}
