"""Limits of sign-ups: by range of addresses, one in a document."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.limits import Limit
from tests.support.people import REGISTER, codes, refusals, registration
from tests.support.service import Service, running_service, settings_for

HOUR_MS = 3_600_000
TWO = """mutation Two($one: RegisterInput!, $other: RegisterInput!) {
  one: register(input: $one) { ...Tokens } ...Other }
  fragment Other on Mutation { ... { other: register(input: $other) { ...Tokens } } }
  fragment Tokens on AuthPayload { tokens { accessToken } }"""


@pytest.fixture
async def limited(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    """Believes the tests' own X-Forwarded-For."""
    settings = settings_for(
        service_database, redis_url, limit_sign_up=Limit(2, HOUR_MS), trusted_proxies=("127.0.0.1",)
    )
    async with running_service(settings, with_workers=False) as service:
        yield service


async def register_from(service: Service, address: str, wanted: dict[str, Any]) -> dict[str, Any]:
    body = {"query": REGISTER, "variables": {"input": wanted}}
    answer = await service.http.post("/graphql", json=body, headers={"x-forwarded-for": address})
    result: dict[str, Any] = answer.json()
    return result


async def origins(service: Service, *handles: str) -> list[str | None]:
    users = service.stores.mongo.collection("users")
    return [(await users.find_one({"handle": handle}))["origin"] for handle in handles]


async def test_a_range_of_addresses_signs_up_as_often_as_its_limit(limited: Service) -> None:
    wanted = [registration() for _ in range(6)]
    for address, one in zip(("2001:db8:1:1::1", "2001:db8:1:1::2"), wanted, strict=False):
        assert (await register_from(limited, address, one))["data"]["register"]["tokens"]
    refused = await register_from(limited, "2001:db8:1:1:ffff::", wanted[2])
    (error,) = refused["errors"]
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("RATE_LIMITED", "SIGN_UP")
    assert 3_590 <= error["extensions"]["retryAfter"] <= 3_600
    assert await limited.stores.users.accounts.in_use(wanted[2]["handle"], wanted[2]["email"]) == []
    for address, one in zip(("2001:db8:1:2::1", "192.0.2.1"), wanted[3:], strict=False):
        assert (await register_from(limited, address, one))["data"]["register"]["tokens"]
    assert await origins(limited, wanted[0]["handle"], wanted[4]["handle"]) == ["2001:db8:1::/48", "192.0.2.0/24"]


async def test_faulty_input_is_no_sign_up(limited: Service) -> None:
    for _ in range(3):
        assert await refusals(limited, REGISTER, input=registration(name="")) == [("INVALID", ["input", "name"])]
    for _ in range(2):
        assert await refusals(limited, REGISTER, input=registration()) == []
    assert codes(await limited.ask(REGISTER, {"input": registration()})) == ["RATE_LIMITED"]


async def test_document_signs_up_one_person_by_whatever_aliases_and_fragments(limited: Service) -> None:
    one, other = registration(), registration()
    answer = await limited.http.post("/graphql", json={"query": TWO, "variables": {"one": one, "other": other}})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json()["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "limit": "SIGN_UP", "retryAfter": 1}
    assert await limited.stores.users.accounts.in_use(one["handle"], other["email"]) == []


async def test_several_sign_ups_in_a_document_pass_where_limits_are_off(service_database: str, redis_url: str) -> None:
    async with running_service(settings_for(service_database, redis_url), with_workers=False) as service:
        answer = await service.ask(TWO, {"one": registration(), "other": registration()})
        assert answer["data"]["one"]["tokens"]
        assert answer["data"]["other"]["tokens"]
