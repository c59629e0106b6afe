"""Users of the experiments: stored in bulk, with sessions made without a password and tokens that are renewed."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import msgspec

from bench.data.population import Plan, Population, store_population
from core.auth.tokens import AccessTokens
from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, TweetId, UserId
from core.settings import Settings, signing_keys
from datastore.stores import Stores
from schema.values.nodes import NodeType, decode_id, global_id

FOLLOWEES = 8
TWEETS_OF_AN_AUTHOR = 20
_TOKEN_SECONDS = 600.0
_ANSWER_SECONDS = 30.0


class Person(NamedTuple):
    number: int
    user_id: UserId
    session_id: SessionId

    @property
    def global_id(self) -> str:
        return global_id(NodeType.USER, self.user_id)


class Answer(NamedTuple):
    """`trouble` is the code of the first error, or the name of a transport error; None on success."""

    data: Any
    trouble: str | None


@dataclass(slots=True)
class Users:
    """The first `authors` of the people post; everybody follows some of them."""

    population: Population
    people: Sequence[Person]
    authors: int
    tokens: AccessTokens
    http: httpx.AsyncClient
    _issued: dict[int, tuple[str, float]] = field(default_factory=dict)

    def token(self, person: Person) -> str:
        token, issued = self._issued.get(person.number, ("", 0.0))
        if not token or time.monotonic() - issued > _TOKEN_SECONDS:
            token, issued = self.tokens.issue(person.user_id, person.session_id)[0], time.monotonic()
            self._issued[person.number] = token, issued
        return token

    async def ask(self, person: Person, query: str, **variables: object) -> Answer:
        headers = {"authorization": f"Bearer {self.token(person)}"}
        request = {"query": query, "variables": variables}
        try:
            answer = await self.http.post("/graphql", json=request, headers=headers)
        except httpx.HTTPError as error:
            return Answer(None, type(error).__name__)
        try:
            body = msgspec.json.decode(answer.content)
        except msgspec.DecodeError:
            return Answer(None, f"HTTP {answer.status_code}")
        errors = body.get("errors")
        return Answer(body.get("data"), errors[0]["extensions"]["code"] if errors else None)


def connected(url: str) -> httpx.AsyncClient:
    """A client without a limit on connections: waiting requests must not hold up others."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx.AsyncClient(base_url=url, timeout=_ANSWER_SECONDS, limits=limits)


async def create_users(
    stores: Stores, settings: Settings, http: httpx.AsyncClient, *, people: int, authors: int
) -> Users:
    """Stores the users in an empty database."""
    population = await store_population(stores, _plan(people, authors), lists_of=range(people))
    users = Users(population, [], authors, AccessTokens(signing_keys(settings)), http)
    signed_in = []
    for number, user_id in enumerate(population.ids):
        session = await stores.users.sessions.insert(SessionId(stores.ids()), user_id, UNKNOWN_DEVICE)
        signed_in.append(Person(number, user_id, session.id))
    users.people = signed_in
    return users


def tweet_number(node_id: str) -> TweetId:
    return TweetId(decode_id(node_id, NodeType.TWEET))


def _plan(people: int, authors: int) -> Plan:
    dice = random.Random(people)
    followees = [sorted({*dice.sample(range(authors), min(FOLLOWEES, authors))} - {person}) for person in range(people)]
    written = [author for author in range(authors) for _ in range(TWEETS_OF_AN_AUTHOR)]
    dice.shuffle(written)
    return Plan(followees, written)
