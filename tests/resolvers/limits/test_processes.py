"""A limit is exact over several processes, however many requests ask at once."""

import asyncio
from itertools import cycle

import httpx

from core.limits import Limit
from schema.values.nodes import NodeType, decode_id
from tests.support.people import sign_up
from tests.support.processes.api_processes import api_processes
from tests.support.service import NO_AUTHORITIES, TIMEOUT_SECONDS, running_service, settings_for

REQUESTS, LIMIT = 200, 100
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { userErrors { code } } }"


async def test_two_processes_let_pass_what_one_would(service_database: str, redis_url: str) -> None:
    settings = settings_for(service_database, redis_url, limit_like=Limit(LIMIT, 3_600_000))
    async with running_service(settings) as service, api_processes(settings, 2) as processes:
        alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
        tweets = [await bob.post(f"tweet {number}") for number in range(REQUESTS)]
        headers = {"authorization": f"Bearer {alice.token}"}
        async with httpx.AsyncClient(headers=headers, timeout=TIMEOUT_SECONDS, verify=NO_AUTHORITIES) as http:

            async def like(url: str, tweet: str) -> bool:
                answer = await http.post(f"{url}/graphql", json={"query": LIKE, "variables": {"id": tweet}})
                errors = answer.json().get("errors", [])
                assert [error["extensions"]["code"] for error in errors] in ([], ["RATE_LIMITED"])
                return not errors

            asked = [like(url, tweet) for url, tweet in zip(cycle(processes.urls), tweets, strict=False)]
            passed = sum(await asyncio.gather(*asked))
        await service.settle()
        assert passed == LIMIT
        alice_id = decode_id(alice.id, NodeType.USER)
        assert await service.stores.mongo.collection("likes").count_documents({"user": alice_id}) == LIMIT
