"""Persisted documents: kept for a day after their last use, and simply not found without Redis."""

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from datastore.limits import persisted_documents
from datastore.limits.persisted_documents import PersistedDocumentStore
from datastore.redis import keys
from datastore.redis.client import open_redis

DAY_MS = 24 * 3600 * 1000


async def test_document_is_found_by_its_digest(redis: Redis) -> None:
    documents = PersistedDocumentStore(redis)
    assert await documents.get("digest") is None
    await documents.put("digest", "{ viewer { id } } # é")
    assert await documents.get("digest") == "{ viewer { id } } # é"


async def test_each_use_keeps_a_document_for_another_day(redis: Redis) -> None:
    documents = PersistedDocumentStore(redis)
    await documents.put("digest", "{ viewer { id } }")
    assert DAY_MS - 60_000 < await redis.pttl(keys.document("digest")) <= DAY_MS
    await redis.pexpire(keys.document("digest"), 60_000)
    await documents.get("digest")
    assert DAY_MS - 60_000 < await redis.pttl(keys.document("digest")) <= DAY_MS


async def test_the_newest_documents_are_kept_up_to_a_number(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted_documents, "MOST_DOCUMENTS", 3)
    documents = PersistedDocumentStore(redis)
    for digest in ("a", "b", "c", "a"):
        await documents.put(digest, "{ viewer { id } }")
    assert None not in [await documents.get(digest) for digest in "abc"]
    await documents.put("d", "{ viewer { id } }")
    assert [digest for digest in "abcd" if await documents.get(digest) is None] == ["b"]


async def test_nothing_is_found_or_stored_without_redis() -> None:
    async with open_redis("redis://127.0.0.1:1") as redis:
        documents = PersistedDocumentStore(redis)
        with capture_logs() as logs:
            await documents.put("digest", "{ viewer { id } }")
            assert await documents.get("digest") is None
    assert [log["event"] for log in logs] == ["document not persisted", "persisted documents away"]
