"""POSTs over connections that idled for about as long as some servers keep them: none may be lost.

A server that closes an idle connection just when a request comes resets it, and neither a client nor HAProxy may then
send a POST again. Beside it uvicorn with its own 5 s, so that the load is known to find closed connections.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.deployment.measured_servers import python_peer, running_peer
from bench.deployment.stack import ROOT, running_api, running_program, running_stores, until_listening
from bench.harness.figures import Figure
from bench.harness.waiting import until
from datastore.embedded.stores import free_port

CONNECTIONS, REQUESTS = 200, 10
IDLE_SECONDS = (4.0, 6.0)
BEYOND_SECONDS = 60.0
GOAL = f"0 lost, {CONNECTIONS} opened"
BODY = {"query": "{ __typename }"}


@dataclass(slots=True)
class Outcome:
    """Requests to one address. `opened` has each connection's own port."""

    what: str
    address: str
    goal: str
    answered: int = 0
    lost: list[str] = field(default_factory=list)
    opened: set[object] = field(default_factory=set)

    def figure(self) -> Figure:
        measured = (
            f"{len(self.lost)} of {self.answered + len(self.lost):,} lost, {len(self.opened):,} connections opened"
        )
        return Figure("idle_connections", self.what, measured, self.goal)


async def run() -> list[Figure]:
    async with running_stores() as settings, running_api(settings) as url, AsyncExitStack() as stack:
        outcomes = [Outcome("straight", f"{url}/graphql", GOAL)]
        if haproxy := shutil.which("haproxy"):
            balanced = await stack.enter_async_context(_balanced(haproxy, url))
            outcomes.append(Outcome("through HAProxy", f"{balanced}/graphql", GOAL))
        else:
            print("idle_connections: HAProxy is not there, so nothing is sent through it", flush=True)
        plain = python_peer("uvicorn", "idiomatic:app")
        log = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        peer = await stack.enter_async_context(running_peer(plain, settings.redis_url or "", log))
        outcomes.append(Outcome("uvicorn with its own 5 s, straight", f"http://127.0.0.1:{peer.port}{peer.path}", ""))
        print(f"idle_connections: {CONNECTIONS * REQUESTS:,} requests to each of {len(outcomes)} addresses", flush=True)
        await asyncio.gather(*(_follow(outcome, pauses) for outcome in outcomes for pauses in _pauses()))
    return [outcome.figure() for outcome in outcomes]


def _pauses() -> Iterator[list[float]]:
    """The idle times of each connection, the same for each address."""
    chance = random.Random(5)
    for _ in range(CONNECTIONS):
        yield [chance.uniform(*IDLE_SECONDS) for _ in range(REQUESTS)]


async def _follow(outcome: Outcome, pauses: list[float]) -> None:
    """One connection, which is used again after each pause; a client of its own, so that none takes another's."""
    limits = httpx.Limits(max_connections=1, keepalive_expiry=BEYOND_SECONDS)
    async with httpx.AsyncClient(limits=limits, timeout=BEYOND_SECONDS) as http:
        for pause in pauses:
            await _ask(outcome, http)
            await asyncio.sleep(pause)


async def _ask(outcome: Outcome, http: httpx.AsyncClient) -> None:
    try:
        answer = await http.post(outcome.address, json=BODY)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        outcome.lost.append(repr(error))
        return
    outcome.answered += 1
    outcome.opened.add(answer.extensions["network_stream"].get_extra_info("client_addr"))


@asynccontextmanager
async def _balanced(haproxy: str, url: str) -> AsyncIterator[str]:
    """HAProxy with the configuration of the containers, all of whose servers are the one API process."""
    port = free_port()
    api = url.removeprefix("http://")
    environment = {"BIND_API": f"127.0.0.1:{port}", "BIND_STATS": f"127.0.0.1:{free_port()}"}
    for number in (1, 2, 3):
        environment |= {f"API_{number}": api, f"READY_{number}": api.rpartition(":")[2]}
    configuration = Path(ROOT) / "docker" / "haproxy.cfg"
    async with running_program(haproxy, "-db", "-f", str(configuration), environment=environment) as process:
        await until_listening(port, process)
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient() as http:

            async def is_balanced() -> bool:
                return (await http.post(f"{address}/graphql", json=BODY)).is_success

            await until(is_balanced)
        yield address
