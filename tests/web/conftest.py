"""One service and one browser for all tests of the page: API, workers and real stores, in this process."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from datastore.admin.indexes import make_indexes
from datastore.embedded.stores import free_port
from datastore.stores import open_stores
from resolvers.demo import demo
from resolvers.services import open_services
from tests.support.people import Person
from tests.support.service import NO_AUTHORITIES, TIMEOUT_SECONDS, Service, running_api, running_workers, settings_for
from tests.support.stores import Stores
from tests.web.chromium import Visit, opened, running_chromium

LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken refreshToken } viewer { user { id } } } }"""
Visiting = Callable[..., Awaitable[Visit]]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A page that closes gives requests up: what such a one had not begun yet is never awaited.

    That a coroutine is forgotten is found by all other tests of the API.
    """
    given_up = pytest.mark.filterwarnings("ignore:coroutine '.*' was never awaited:RuntimeWarning")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(given_up)


@dataclass(slots=True)
class Stack:
    """The whole service on one port, whose API can be restarted under the pages."""

    service: Service
    port: int
    other_port: int
    _api: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def other_origin(self) -> str:
        """The origin of a foreign page, which may embed the widget."""
        return f"http://localhost:{self.other_port}"

    async def start(self) -> None:
        await self._api.enter_async_context(running_api(self.service.settings, self.port))

    async def stop(self) -> None:
        await self._api.aclose()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def stack(stores: Stores) -> AsyncIterator[Stack]:
    with stores.fresh_database() as database:
        stores.flush_redis()
        port, other_port = free_port(), free_port()
        url = f"http://127.0.0.1:{port}"
        settings = settings_for(
            database, stores.redis_url, rate_limit="off", allowed_origins=(f"http://localhost:{other_port}",)
        )
        async with (
            open_stores(settings) as opened_stores,
            httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, verify=NO_AUTHORITIES) as http,
            running_workers(opened_stores),
        ):
            await make_indexes(opened_stores.mongo)
            stack = Stack(Service(url, settings, opened_stores, http), port, other_port)
            await stack.start()
            try:
                yield stack
            finally:
                await stack.stop()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="package")
async def visiting(browser: Browser, stack: Stack) -> AsyncIterator[Visiting]:
    """Opens pages, signed in or anonymous; asserts at the end that none had errors or requests to other hosts."""
    visits: list[Visit] = []
    async with AsyncExitStack() as contexts:

        async def visit(person: Person | None = None, path: str = "/", **options: object) -> Visit:
            session = session_of(person) if person else None
            visit = await contexts.enter_async_context(opened(browser, stack.service.url, session, **options))
            visits.append(visit)
            await visit.open(path)
            return visit

        yield visit
        for one in visits:
            one.assert_clean()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def demo_person(stack: Stack) -> Person:
    """The demo account with the demo data."""
    async with open_services(stack.service.stores, stack.service.settings) as services:
        await demo.load(services)
    await stack.service.settle()
    answer = await stack.service.ask(LOGIN, {"login": demo.HANDLE, "password": demo.PASSWORD})
    payload = answer["data"]["login"]
    tokens, user = payload["tokens"], payload["viewer"]["user"]
    return Person(stack.service, user["id"], demo.HANDLE, tokens["accessToken"], tokens["refreshToken"])


@pytest.fixture
def service(stack: Stack) -> Service:
    return stack.service


def session_of(person: Person, *, lasting: timedelta = timedelta(minutes=14)) -> str:
    """The session in the page's storage format."""
    expires_at = (datetime.now(UTC) + lasting).isoformat()
    return json.dumps(
        {
            "handle": person.handle,
            "accessToken": person.token,
            "refreshToken": person.refresh_token,
            "expiresAt": expires_at,
        }
    )
