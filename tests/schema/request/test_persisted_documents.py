"""Registered documents: kept in Redis for a day, shared by HTTP and sockets."""

from hashlib import sha256

import pytest

from datastore.redis import keys
from tests.support.people import codes, connected
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = "query Persisted { rateLimit { limit } }"
DIGEST = sha256(QUERY.encode()).hexdigest()
BY_HASH = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}}
DAY_MS = 24 * 3600 * 1000


async def test_a_document_registered_over_http_runs_on_a_socket_until_redis_drops_it(shared_service: Service) -> None:
    redis = shared_service.stores.redis
    await redis.delete(keys.document(DIGEST))
    unknown = await shared_service.http.post("/graphql", json=BY_HASH)
    assert codes(unknown.json()) == ["PERSISTED_QUERY_NOT_FOUND"]
    whole = await shared_service.http.post("/graphql", json={"query": QUERY, **BY_HASH})
    assert "errors" not in whole.json()
    assert DAY_MS - 10_000 < await redis.pttl(keys.document(DIGEST)) <= DAY_MS
    async with connected(shared_service, None) as socket:
        await socket.send({"id": "known", "type": "subscribe", "payload": BY_HASH})
        assert (await socket.message())["payload"] == whole.json()
        assert (await socket.message())["type"] == "complete"
        await redis.delete(keys.document(DIGEST))
        await socket.send({"id": "lost", "type": "subscribe", "payload": BY_HASH})
        answer = await socket.message()
        assert (answer["id"], answer["type"]) == ("lost", "error")
        assert [error["extensions"]["code"] for error in answer["payload"]] == ["PERSISTED_QUERY_NOT_FOUND"]
