"""The rate limit by query cost, and the login throttle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from core.rates import process_share
from datastore.redis import keys
from resolvers.accounts.login_throttle import ATTEMPTS_ADDRESS
from resolvers.rate_limit import POINTS_A_MINUTE, spend
from resolvers.services import open_services
from schema.values.nodes import NodeType, decode_id
from schema.work import WORK
from tests.support.people import PASSWORD, REGISTER, Person, codes, sign_up, unused_handle
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore

OwnValkey = Callable[[], Awaitable[OwnStore]]

RATE = "{ rateLimit { cost limit remaining resetAt } }"
DEAR = """query($id: ID!) { nodes(ids: [$id]) { id } viewer { user { followers(first: 100) { edges { node { id } } } } }
  rateLimit { cost remaining } }"""
LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken } userErrors { code } } }"""
ALIASED = (
    "mutation {"
    + " ".join(
        f'a{number}: login(input: {{login: "nobody_here", password: "wrong"}}) {{ userErrors {{ code }} }}'
        for number in range(8)
    )
    + "}"
)


@pytest.fixture
async def limited(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    async with running_service(settings_for(service_database, redis_url), with_workers=False) as service:
        yield service


async def test_an_operation_is_charged_for_what_it_may_return_and_the_work_that_it_is(limited: Service) -> None:
    alice = await sign_up(limited, "alice")
    first = (await alice.ask(RATE))["rateLimit"]
    assert (first["cost"], first["limit"]) == (WORK.operation + 1, POINTS_A_MINUTE)
    # The remaining points are those at the charge: they are refilled all the time.
    dear = (await alice.ask(DEAR, id=alice.id))["rateLimit"]
    work = WORK.operation + WORK.page + WORK.fields["Query.nodes"].each
    objects = (dear["cost"] - work) * WORK.objects_a_point
    assert 101 < objects < 302 + 10
    assert POINTS_A_MINUTE - 2 * dear["cost"] < dear["remaining"] <= POINTS_A_MINUTE - dear["cost"]
    wrong = {"login": "nobody_at_all", "password": "wrong horse"}
    answer = await limited.http.post("/graphql", json={"query": LOGIN, "variables": wrong})
    spent = POINTS_A_MINUTE - int(answer.headers["ratelimit-remaining"])
    assert spent >= WORK.fields["Mutation.login"].points


async def test_addresses_of_one_range_share_their_points(limited: Service) -> None:
    async with open_services(limited.stores, limited.settings.model_copy(update={"ad_spacing": 0})) as services:
        first = await spend(services, None, "2001:db8::1", 300_000)
        same = await spend(services, None, "2001:db8::ffff:1", 100_000)
        other = await spend(services, None, "2001:db8:0:1::1", 100_000)
    assert first.remaining == other.remaining - 200_000
    assert same.remaining < 300_000


async def test_headers_tell_what_is_left(limited: Service) -> None:
    answer = await limited.http.post("/graphql", json={"query": RATE})
    left = answer.json()["data"]["rateLimit"]["remaining"]
    assert answer.headers["ratelimit-policy"] == f'"points";q={POINTS_A_MINUTE};w=60'
    assert answer.headers["ratelimit"].startswith(f'"points";r={left};t=')
    assert answer.headers["ratelimit-limit"] == str(POINTS_A_MINUTE)
    assert answer.headers["ratelimit-remaining"] == str(left)


async def test_who_has_spent_all_is_refused_over_http_and_socket_and_others_are_not(limited: Service) -> None:
    alice, bob = await sign_up(limited, "alice"), await sign_up(limited, "bob")
    seconds, _ = await limited.stores.redis.time()
    spent = keys.rate(f"user:{decode_id(alice.id, NodeType.USER)}")
    await limited.stores.redis.set(spent, (seconds + 90) * 1_000_000)

    headers = {"authorization": f"Bearer {alice.token}"}
    answer = await limited.http.post("/graphql", json={"query": RATE}, headers=headers)
    assert answer.status_code == 429
    assert codes(answer.json()) == ["RATE_LIMITED"]
    assert 1 <= int(answer.headers["retry-after"]) <= 31
    async with alice.socket() as socket:
        await socket.subscribe("subscription { homeTimelineEvents { ... on StreamEvent { cursor } } }")
        assert await socket.error() == ["RATE_LIMITED"]
    assert (await bob.ask(RATE))["rateLimit"]["cost"] == WORK.operation + 1


async def test_five_wrong_passwords_close_what_was_typed_and_nothing_else(limited: Service) -> None:
    alice, bob = await sign_up(limited, "alice"), await sign_up(limited, "bob")
    for login in (alice.handle, f"@{alice.handle}", alice.handle.upper(), alice.handle, alice.handle):
        answer = await limited.ask(LOGIN, {"login": login, "password": "wrong horse"})
        assert answer["data"]["login"]["userErrors"] == [{"code": "WRONG_CREDENTIALS"}]
    for password in ("wrong horse", PASSWORD):
        answer = await limited.ask(LOGIN, {"login": alice.handle, "password": password})
        assert codes(answer) == ["RATE_LIMITED"]
        assert answer["errors"][0]["extensions"]["limit"] == "SIGN_IN"
    for login in (f"{alice.handle}@example.org", bob.handle):
        answer = await limited.ask(LOGIN, {"login": login, "password": PASSWORD})
        assert answer["data"]["login"]["tokens"]


async def test_a_right_password_is_no_attempt(limited: Service) -> None:
    alice = await sign_up(limited, "alice")
    for _ in range(7):
        answer = await limited.ask(LOGIN, {"login": alice.handle, "password": PASSWORD})
        assert answer["data"]["login"]["tokens"]


async def test_aliases_and_requests_at_once_are_attempts_each(limited: Service) -> None:
    answer = await limited.ask(ALIASED)
    assert codes(answer)
    assert len(answer["errors"]) == 1  # the first refusal ends the operation: the field is not nullable
    await limited.stores.redis.flushdb()
    alice = await sign_up(limited, "alice")
    wrong = {"login": alice.handle, "password": "wrong horse"}
    answers = await asyncio.gather(*[limited.ask(LOGIN, wrong) for _ in range(12)])
    assert sum("errors" not in answer for answer in answers) == 5


async def test_wrong_passwords_of_who_is_signed_in_count_too(limited: Service) -> None:
    alice = await sign_up(limited, "alice")
    delete = 'mutation { deleteAccount(password: "wrong horse") { userErrors { code } } }'
    change = """mutation { changePassword(current: "wrong horse", new: "battery staple") { userErrors { code } } }"""
    for document in (delete, change):
        for _ in range(5):
            (payload,) = (await alice.ask(document)).values()
            assert payload["userErrors"] == [{"code": "WRONG_CREDENTIALS"}]
        assert await alice.failed(document) == ["RATE_LIMITED"]


async def test_without_redis_the_process_counts_alone_and_nobody_signs_up(
    service_database: str, own_valkey: OwnValkey
) -> None:
    valkey = await own_valkey()
    async with running_service(settings_for(service_database, valkey.url), with_workers=False) as service:
        alice = await sign_up(service, "alice")
        await valkey.kill()
        await counts_alone(service, alice)


async def test_where_redis_takes_no_writes_the_process_counts_alone_and_nobody_signs_up(
    service_database: str, own_valkey: OwnValkey
) -> None:
    valkey = await own_valkey()
    async with running_service(settings_for(service_database, valkey.url), with_workers=False) as service:
        alice = await sign_up(service, "alice")
        await service.stores.redis.config_set("maxmemory", 1)
        await counts_alone(service, alice)


async def counts_alone(service: Service, alice: Person) -> None:
    share = process_share(POINTS_A_MINUTE)
    first = (await service.ask(RATE))["data"]["rateLimit"]
    assert (first["limit"], first["remaining"]) == (share, share - first["cost"])
    dear = (await alice.ask(DEAR, id=alice.id))["rateLimit"]
    assert dear["remaining"] == share - dear["cost"]
    # So many that what they took is not back before it is looked at.
    for _ in range(4):
        answer = await service.ask(LOGIN, {"login": alice.handle, "password": PASSWORD})
        assert answer["data"]["login"]["tokens"]
    left = (await service.ask(RATE))["data"]["rateLimit"]["remaining"]
    assert left < share - WORK.fields["Mutation.login"].points // 2
    for _ in range(process_share(ATTEMPTS_ADDRESS)):
        answer = await service.ask(LOGIN, {"login": alice.handle, "password": "wrong horse"})
        assert answer["data"]["login"]["userErrors"] == [{"code": "WRONG_CREDENTIALS"}]
    assert codes(await service.ask(LOGIN, {"login": alice.handle, "password": PASSWORD})) == ["RATE_LIMITED"]
    handle = unused_handle("bob")
    wanted = {"handle": handle, "name": "Bob", "email": f"{handle}@example.org", "password": PASSWORD}
    assert codes(await service.ask(REGISTER, {"input": wanted})) == ["UNAVAILABLE"]
    assert await service.stores.users.accounts.in_use(handle, wanted["email"]) == []
