"""Privacy probes: people hide something, and each API process is asked what others still see; the model judges.

A probe is an author with a tweet and a bio, and a reader who has just read both at every process.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from bench.chaos.experiment import Experiment
from bench.chaos.load.users import Person, Users, connected
from bench.harness.waiting import until
from core.auth.passwords import HASHER
from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, UserId
from core.moderation import ModerationAction, ReportReason, Subject, SubjectKind
from datastore.moderation.log import LogLine
from datastore.moderation.records import DecisionRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores
from resolvers.enqueue import try_enqueue
from tests.support.model.model import Model

_PASSWORD, _BIO = "correct horse", "a secret"
_POST = "mutation Post($input: PostTweetInput!) { postTweet(input: $input) { tweet { id } userErrors { code } } }"
_BLOCK = "mutation Block($id: ID!) { block(userId: $id) { userErrors { code } } }"
_PROTECT = "mutation Protect { updateProfile(input: { isProtected: true }) { userErrors { code } } }"
_DELETE = "mutation Delete($id: ID!) { deleteTweet(id: $id) { userErrors { code } } }"
_LEAVE = "mutation Leave($password: String!) { deleteAccount(password: $password) { userErrors { code } } }"
_LOGOUT = "mutation Logout { logout { userErrors { code } } }"
_SEEN = """query Seen($tweet: ID!, $author: ID!) { viewer { user { id } } tweet(id: $tweet) { id }
  node(id: $author) { ... on User { bio } } }"""
_WITHIN_SECONDS = 30.0
_PAUSE_SECONDS = 0.1


@dataclass(slots=True)
class Probe:
    """`model` knows the two people as "author" and "reader", and the tweet as 1. `acknowledged`: when it was hidden."""

    author: Person
    reader: Person
    tweet: str
    model: Model
    is_signed_in: bool = True
    acknowledged: float = 0.0

    @property
    def expected(self) -> tuple[bool, bool, bool]:
        """Whether the reader is signed in, and sees tweet and bio."""
        viewer = "reader" if self.is_signed_in else None
        return self.is_signed_in, self.model.may_see(viewer, 1), self.model.may_see_posts(viewer, "author")


_Hide = Callable[[Probe, Users, Stores], Awaitable[None]]


async def _block(probe: Probe, users: Users, _: Stores) -> None:
    await _insist(users, probe.author, _BLOCK, id=probe.reader.global_id)
    probe.model.block("author", "reader")


async def _protect(probe: Probe, users: Users, _: Stores) -> None:
    await _insist(users, probe.author, _PROTECT)
    probe.model.protect("author")


async def _delete(probe: Probe, users: Users, _: Stores) -> None:
    await _insist(users, probe.author, _DELETE, id=probe.tweet)
    probe.model.delete("author", 1)


async def _leave(probe: Probe, users: Users, _: Stores) -> None:
    await _insist(users, probe.author, _LEAVE, password=_PASSWORD)
    probe.model.delete_account("author")


async def _sign_out(probe: Probe, users: Users, _: Stores) -> None:
    await _insist(users, probe.reader, _LOGOUT)
    probe.is_signed_in = False


async def _suspend_author(probe: Probe, _: Users, stores: Stores) -> None:
    await _suspend(stores, probe.author.user_id)
    probe.model.suspend("author")


async def _suspend_reader(probe: Probe, _: Users, stores: Stores) -> None:
    await _suspend(stores, probe.reader.user_id)
    probe.is_signed_in = False


async def _suspend(stores: Stores, user_id: UserId) -> None:
    """As a moderator decides, from a process beside the API's."""
    decision_id = stores.ids()
    subject = Subject(SubjectKind.PERSON, user_id)
    decision = DecisionRecord(decision_id, subject, user_id, ModerationAction.SUSPEND, ReportReason.SPAM)
    line = LogLine(stores.ids(), None, "SUSPEND", (str(subject.kind), user_id))
    await try_enqueue(stores, *await stores.moderation.decisions.insert(decision, line, version=None, mail=None))


_ACTS: Sequence[_Hide] = (_block, _protect, _delete, _leave, _sign_out, _suspend_author, _suspend_reader)


class Probes:
    """`servers` are clients of the API processes, not of the load balancer."""

    def __init__(
        self, users: Users, stores: Stores, servers: Sequence[httpx.AsyncClient], probes: Sequence[Probe]
    ) -> None:
        self._users, self._stores, self._servers, self._probes = users, stores, servers, probes

    async def hide(self) -> None:
        """Each probe hides what it has in its own way."""
        for probe, act in zip(self._probes, _ACTS, strict=True):
            await act(probe, self._users, self._stores)
            probe.acknowledged = time.monotonic()

    async def seconds_until_hidden(self) -> float:
        """From the act until each process answered as the model does, of the slowest probe."""

        async def is_right(probe: Probe, server: httpx.AsyncClient) -> bool:
            return await self._seen(probe, server) == probe.expected

        async def ask(probe: Probe) -> float:
            for server in self._servers:
                await until(partial(is_right, probe, server), within=_WITHIN_SECONDS, poll_seconds=_PAUSE_SECONDS)
            return time.monotonic() - probe.acknowledged

        return max(await asyncio.gather(*[ask(probe) for probe in self._probes]))

    async def wrong_answers(self) -> int:
        """Answers of all processes that differ from the model's now."""
        answers = await asyncio.gather(
            *[self._seen(probe, server) for probe in self._probes for server in self._servers]
        )
        expected = [probe.expected for probe in self._probes for _ in self._servers]
        return sum(answer != right for answer, right in zip(answers, expected, strict=True))

    async def warm_up(self) -> None:
        """Returns when each process showed each reader everything."""

        async def are_right() -> bool:
            return not await self.wrong_answers()

        await until(are_right, within=_WITHIN_SECONDS, poll_seconds=_PAUSE_SECONDS)

    async def _seen(self, probe: Probe, server: httpx.AsyncClient) -> tuple[bool, bool, bool] | None:
        """None where the process did not answer."""
        there = Users(self._users.population, [], 0, self._users.tokens, server)
        answer = await there.ask(probe.reader, _SEEN, tweet=probe.tweet, author=probe.author.global_id)
        if answer.trouble is not None:
            return None
        bio = (answer.data["node"] or {}).get("bio")
        return answer.data["viewer"] is not None, answer.data["tweet"] is not None, bio == _BIO


@asynccontextmanager
async def open_probes(experiment: Experiment) -> AsyncIterator[Probes]:
    """One probe for each way to hide something, with everything still seen, and in every cache."""
    users, password_hash = experiment.workload.users, HASHER.hash(_PASSWORD)
    probes = [await _probe(experiment, users, password_hash) for _ in _ACTS]
    servers = [connected(api.url) for api in experiment.cluster.apis]
    try:
        opened = Probes(users, experiment.stores, servers, probes)
        await opened.warm_up()
        yield opened
    finally:
        for server in servers:
            await server.aclose()


async def _probe(experiment: Experiment, users: Users, password_hash: str) -> Probe:
    author, reader = [await _person(experiment, password_hash) for _ in range(2)]
    answer = await users.ask(author, _POST, input={"text": f"for some {secrets.token_hex(4)}"})
    model = Model(["author", "reader"])
    model.post("author", "for some")
    return Probe(author, reader, answer.data["postTweet"]["tweet"]["id"], model)


async def _person(experiment: Experiment, password_hash: str) -> Person:
    stores, handle = experiment.stores, f"p{secrets.token_hex(6)}"
    user = UserRecord(UserId(stores.ids()), handle, "Probe", bio=_BIO)
    await stores.users.accounts.insert(AccountRecord(user, f"{handle}@example.org", password_hash))
    session = await stores.users.sessions.insert(SessionId(stores.ids()), user.id, UNKNOWN_DEVICE)
    return Person(-user.id, user.id, session.id)


async def _insist(users: Users, person: Person, document: str, **variables: object) -> None:
    """Repeats the act until it is acknowledged."""

    async def is_done() -> bool:
        return (await users.ask(person, document, **variables)).trouble is None

    await until(is_done, within=_WITHIN_SECONDS, poll_seconds=_PAUSE_SECONDS)
