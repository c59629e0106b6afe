"""Persisted documents over HTTP and websocket, and servers that run listed documents only."""

from hashlib import sha256
from typing import Any

import httpx
import pytest

from core.settings import SettingsError
from tests.transport.stub import KeptDocuments, Stub, endpoint, http_client
from transport.request.persisted_documents import PersistedDocuments
from transport.request.trusted_documents import read_trusted

QUERY = "{ hello }"
OTHER = "{ __typename }"
ANSWER = {"data": {"hello": "Hello, world"}}


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def by_hash(text: str, *, whole: bool = False, **more: Any) -> dict[str, Any]:
    named = {"version": 1, "sha256Hash": digest_of(text), **more}
    return {**({"query": text} if whole else {}), "extensions": {"persistedQuery": named}}


def code_of(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def kept() -> KeptDocuments:
    return KeptDocuments()


@pytest.fixture
def client(stub: Stub, kept: KeptDocuments) -> httpx.AsyncClient:
    return http_client(endpoint(stub, documents=PersistedDocuments(lambda: kept)))


async def test_a_document_sent_with_its_hash_is_found_by_the_hash(
    client: httpx.AsyncClient, kept: KeptDocuments
) -> None:
    unknown = await client.post("/graphql", json=by_hash(QUERY))
    assert code_of(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await client.post("/graphql", json=by_hash(QUERY, whole=True))).json() == ANSWER
    assert kept.texts == {digest_of(QUERY): QUERY}
    assert (await client.post("/graphql", json=by_hash(QUERY))).json() == ANSWER
    extensions = f'{{"persistedQuery":{{"version":1,"sha256Hash":"{digest_of(QUERY)}"}}}}'
    assert (await client.get("/graphql", params={"extensions": extensions})).json() == ANSWER


@pytest.mark.parametrize(
    "request_",
    [
        by_hash(QUERY, whole=True, sha256Hash=digest_of(OTHER)),
        by_hash(QUERY, version=2),
        by_hash(QUERY, sha256Hash="short"),
        by_hash(QUERY, sha256Hash=digest_of(QUERY).upper()),
        by_hash(QUERY, sha256Hash=7),
        {"query": QUERY, "extensions": {"persistedQuery": "what"}},
    ],
)
async def test_a_wrong_hash_is_refused_and_nothing_kept(
    client: httpx.AsyncClient, kept: KeptDocuments, request_: dict[str, Any]
) -> None:
    answer = await client.post("/graphql", json=request_)
    assert (answer.status_code, code_of(answer)) == (400, "BAD_USER_INPUT")
    assert kept.texts == {}


async def test_a_document_that_is_not_valid_is_not_kept(client: httpx.AsyncClient, kept: KeptDocuments) -> None:
    answer = await client.post("/graphql", json=by_hash("{ nothing }", whole=True))
    assert code_of(answer) == "GRAPHQL_VALIDATION_FAILED"
    assert kept.texts == {}


async def test_a_request_needs_a_document_or_a_hash(client: httpx.AsyncClient) -> None:
    bodies: list[dict[str, Any]] = [{}, {"query": None}, {"extensions": {}}, {"extensions": {"persistedQuery": None}}]
    for body in bodies:
        answer = await client.post("/graphql", json=body)
        assert (answer.status_code, code_of(answer)) == (400, "BAD_USER_INPUT")


async def test_where_a_list_is_exclusive_nothing_else_runs(stub: Stub, kept: KeptDocuments) -> None:
    kept.texts[digest_of(OTHER)] = OTHER
    listed = PersistedDocuments(lambda: kept, {digest_of(QUERY): QUERY}, is_exclusive=True)
    client = http_client(endpoint(stub, documents=listed))
    for fine in ({"query": QUERY}, by_hash(QUERY), by_hash(QUERY, whole=True)):
        assert (await client.post("/graphql", json=fine)).json() == ANSWER
    for other in ({"query": OTHER}, by_hash(OTHER), by_hash(OTHER, whole=True), {**by_hash(QUERY), "query": OTHER}):
        answer = await client.post("/graphql", json=other)
        assert (answer.status_code, code_of(answer)) == (400, "PERSISTED_QUERY_NOT_ALLOWED")
    assert kept.texts == {digest_of(OTHER): OTHER}


async def test_a_list_that_is_not_exclusive_adds_to_registered_documents(stub: Stub, kept: KeptDocuments) -> None:
    client = http_client(endpoint(stub, documents=PersistedDocuments(lambda: kept, {digest_of(QUERY): QUERY})))
    assert (await client.post("/graphql", json=by_hash(QUERY))).json() == ANSWER
    assert (await client.post("/graphql", json={"query": OTHER})).json() == {"data": {"__typename": "Query"}}


def test_the_file_of_trusted_documents_is_checked(tmp_path: Any) -> None:
    path = tmp_path / "documents.json"
    assert read_trusted(None) is None
    path.write_text(f'{{"{digest_of(QUERY)}": "{QUERY}"}}')
    assert read_trusted(str(path)) == {digest_of(QUERY): QUERY}
    for wrong in ("[]", '{"a": 1}', "no json", f'{{"{digest_of(OTHER)}": "{QUERY}"}}'):
        path.write_text(wrong)
        with pytest.raises(SettingsError, match="ROOKERY_TRUSTED_DOCUMENTS"):
            read_trusted(str(path))
    with pytest.raises(SettingsError, match="ROOKERY_TRUSTED_DOCUMENTS"):
        read_trusted(str(tmp_path / "missing.json"))
