"""Requests over HTTP, and the error that answers one."""

from typing import Any

import httpx

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
HELLO = {"query": "{ hello }"}


async def ask(client: httpx.AsyncClient, query: str, *, accept: str | None = None, **body: object) -> httpx.Response:
    headers = {} if accept is None else {"accept": accept}
    return await client.post("/graphql", json={"query": query, **body}, headers=headers)


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The only error; asserts that there is one, and no data."""
    body = answer.json()
    assert list(body) == ["errors"]
    (error,) = body["errors"]
    result: dict[str, Any] = error
    return result


def code_of(answer: httpx.Response) -> str:
    code: str = error_of(answer)["extensions"]["code"]
    return code
