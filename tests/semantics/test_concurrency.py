"""Two processes on one address by WEB_CONCURRENCY: ids are unique, metrics are added up, and both end together."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

import httpx

from datastore.embedded.stores import free_port
from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person, sign_up
from tests.support.service import NO_AUTHORITIES, SECRET, Service
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
PROCESSES = 2
POSTS = 40
CONNECTIONS = 12
SENDERS = 4
POST = "mutation Posted($text: String!) { postTweet(input: { text: $text }) { tweet { id } userErrors { message } } }"


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[tuple[Process, str, str]]:
    """The parent process, its URL, and that of its operations port, which both processes share."""
    port, inside = free_port(), free_port()
    ours = {
        "ROOKERY_MONGO_URL": service.settings.mongo_url or "",
        "ROOKERY_REDIS_URL": service.settings.redis_url or "",
        "ROOKERY_SECRET_KEY": SECRET.get_secret_value(),
        "ROOKERY_OPERATIONS_PORT": str(inside),
        # New people post more than their first day allows.
        "ROOKERY_LIMIT_POST": "off",
        "WEB_CONCURRENCY": str(PROCESSES),
    }
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("uvicorn"), "app:app", "--port", str(port)),
        cwd=ROOT,
        env={**os.environ, **ours},
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )
    url, inside_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{inside}"
    try:
        await eventually(lambda: are_ready(service, inside_url), within=40.0)
        yield process, url, inside_url
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def are_ready(service: Service, url: str) -> bool:
    """Ready when both processes hold a worker id beside that of the service."""
    async with httpx.AsyncClient(base_url=url, verify=NO_AUTHORITIES) as client:
        try:
            ready = (await client.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False
    return ready and len(await service.stores.redis.keys("ids:worker:*")) > PROCESSES


async def posted(url: str, token: str, number: int, document: str = POST) -> int:
    """Posts over a new connection, which either process may accept. Returns the number, -1 for a refusal."""
    async with httpx.AsyncClient(base_url=url, timeout=20.0, verify=NO_AUTHORITIES) as client:
        body = {"query": document, "variables": {"text": f"number {number}"}}
        answer = (await client.post("/graphql", json=body, headers={"authorization": f"Bearer {token}"})).json()
    return number if answer["data"]["postTweet"]["tweet"] else -1


async def all_posted(url: str, token: str) -> list[int]:
    """Posts a few at a time, because one process may accept all connections of one moment."""
    numbers = iter(range(POSTS))

    async def send() -> list[int]:
        return [await posted(url, token, number) for number in numbers]

    return sorted(chain.from_iterable(await asyncio.gather(*[send() for _ in range(SENDERS)])))


async def worker_ids(service: Service, person: Person) -> set[int]:
    """Worker ids in the ids of the person's tweets, one per process."""
    found = service.stores.mongo.collection("tweets").find({"author": decode_id(person.id, NodeType.USER)}, {"_id": 1})
    return {row["_id"] >> 12 & 1023 async for row in found}


async def each_posted(service: Service, url: str, person: Person) -> bool:
    """Whether both processes accept connections, which may be later than their worker ids."""
    await posted(url, person.token, 0, POST.replace("Posted", "Begun"))
    return len(await worker_ids(service, person)) == PROCESSES


async def counted(url: str) -> list[int]:
    """The number of posts that several reads of /metrics state."""
    found = []
    for _ in range(CONNECTIONS):
        async with httpx.AsyncClient(base_url=url, timeout=20.0, verify=NO_AUTHORITIES) as client:
            text = (await client.get("/metrics")).text
        lines = re.findall(r'^rookery_operation_seconds_count\{kind="mutation",.*\} (\S+)$', text, re.MULTILINE)
        found.append(sum(int(float(count)) for count in lines))
    return found


async def test_ids_counts_and_the_end_are_those_of_one_service(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    async with serving(service) as (process, url, inside):
        await eventually(lambda: each_posted(service, url, bob), within=30.0)
        (begun,) = set(await counted(inside))
        assert await all_posted(url, alice.token) == [*range(POSTS)]
        author = decode_id(alice.id, NodeType.USER)
        assert await service.stores.mongo.collection("tweets").count_documents({"author": author}) == POSTS
        assert await worker_ids(service, alice) <= await worker_ids(service, bob)
        assert set(await counted(inside)) == {begun + POSTS}
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20.0):
            assert await process.wait() in {0, -signal.SIGTERM}
