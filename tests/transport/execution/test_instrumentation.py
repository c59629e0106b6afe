"""Metrics and log lines of operations: a bounded number of names, nothing private."""

import re
from hashlib import sha256
from math import ceil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schema.work import WORK
from tests.support.people import HOME, PASSWORD, POST, REGISTER, registration, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually
from transport.execution.operation_names import ANSWERS, NAMES

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[3]
EMAIL, TEXT, NAME = "planted.address@example.org", "planted text of a tweet", "Planted Name"


async def metric(service: Service, line: str) -> float:
    """The value of one line of /metrics; 0 if it is missing."""
    text = (await service.http.get("/metrics")).text
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_operations_are_counted_by_name_and_errors_by_code(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    counted = 'rookery_operation_seconds_count{kind="query",operation="Counted"}'
    failed = 'rookery_operation_errors_total{code="UNAUTHENTICATED",operation="Counted"}'
    refused = 'rookery_refusals_total{code="GRAPHQL_VALIDATION_FAILED"}'
    NAMES.count("Counted", ANSWERS)
    before = [await metric(shared_service, line) for line in (counted, failed, refused)]
    document = "query Counted { homeTimeline { state } }"
    await alice.ask(document)
    assert "errors" in await shared_service.ask(document)
    assert "errors" in await shared_service.ask("query Counted { nothing }")
    after = [await metric(shared_service, line) for line in (counted, failed, refused)]
    assert [later - earlier for earlier, later in zip(before, after, strict=True)] == [2, 1, 1]


async def test_sockets_subscriptions_and_pushes_are_counted(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    pushes = 'rookery_pushes_total{operation="Events"}'
    NAMES.count("Events", ANSWERS)
    before = await metric(shared_service, pushes)
    async with alice.socket() as socket:
        await socket.watch_home((await alice.home())["headCursor"])
        await alice.post("hello")
        await socket.event()
        assert await metric(shared_service, "rookery_sockets") == 1
        assert await metric(shared_service, "rookery_subscriptions") == 1
    assert await metric(shared_service, pushes) == before + 1

    async def is_quiet() -> bool:
        lines = ("rookery_sockets", "rookery_subscriptions")
        return [await metric(shared_service, line) for line in lines] == [0, 0]

    await eventually(is_quiet)


async def test_stores_loaders_and_jobs_are_measured(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("hello")
    await alice.ask("{ viewer { user { followers { edges { node { followerCount } } } followerCount } } }")
    await shared_service.settle()
    for line in (
        "rookery_redis_seconds_count",
        'rookery_mongodb_seconds_count{command="find"}',
        'rookery_resolver_batch_size_count{loader="counts_of"}',
        'rookery_job_seconds_count{queue="fanout"}',
        "rookery_fanout_delay_seconds_count",
    ):
        assert await metric(shared_service, line) >= 1, line


async def test_one_client_with_many_names_makes_no_series(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    long = "L" * 100
    with capture_logs() as logs:
        for name in [long, *(f"Many{number}" for number in range(60))]:
            await alice.ask(f"query {name} {{ viewer {{ email }} }}")
    shown = (await shared_service.http.get("/metrics")).text
    assert "Many" not in shown
    assert "LLL" not in shown
    assert next(log["operation"] for log in logs if log["event"] == "operation") == long[:64]


async def test_the_dashboard_and_the_manual_speak_of_metrics_that_there_are(shared_service: Service) -> None:
    shown = (await shared_service.http.get("/metrics")).text
    known = set(re.findall(r"^# TYPE (rookery_\w+)", shown, re.MULTILINE))
    for page in ("docker/grafana-dashboard.json", "docker/alerts.yml", "docker/slo.yml", "docs/operations.md"):
        named = set(re.findall(r"rookery_\w+", (ROOT / page).read_text()))
        assert {name.removesuffix("_count").removesuffix("_bucket") for name in named} <= known


async def test_an_operation_is_logged_with_what_operators_need(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    with capture_logs() as logs:
        await alice.ask(HOME, first=5)
    (line,) = [log for log in logs if log["event"] == "operation"]
    assert isinstance(line.pop("person"), int)
    assert line.pop("ms") > 0
    assert line == {
        "event": "operation",
        "log_level": "info",
        "operation": "Home",
        "kind": "query",
        "document": sha256(HOME.encode()).hexdigest(),
        "cost": ceil(25 / WORK.objects_a_point) + WORK.operation + WORK.fields["Query.homeTimeline"].points,
        "answers": 1,
    }


async def test_nothing_private_is_logged(shared_service: Service) -> None:
    wanted = registration(name=NAME, email=EMAIL)
    with capture_logs() as logs:
        answer = await shared_service.ask(REGISTER, {"input": wanted})
        tokens = answer["data"]["register"]["tokens"]
        headers = {"authorization": f"Bearer {tokens['accessToken']}"}
        for body in (
            {"query": POST, "variables": {"input": {"text": TEXT}}},
            {"query": f'{{ user(handle: "{TEXT}") {{ id }} }}'},
            {"query": "{ viewer { email } homeTimeline { edges { node { ... on Tweet { text } } } } }"},
        ):
            await shared_service.http.post("/graphql", json=body, headers=headers)
        await shared_service.settle()
    assert len(logs) >= 3
    said = repr(logs)
    for private in (EMAIL, TEXT, NAME, PASSWORD, tokens["accessToken"], tokens["refreshToken"]):
        assert private not in said
