"""GraphiQL with the page's session, the widget in a foreign page, and checks of the page's own code."""

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.clients.packages import installed_file
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.scenarios.scoped_tokens import TOKENS, scoped
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.chromium import Visit
from tests.web.conftest import Stack, Visiting
from tests.web.test_people import friends

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

WEB = Path(__file__).resolve().parents[2] / "web"
RULES = Path(__file__).parent / "eslint.config.mjs"
LINT_SECONDS = 60
HAS_READ = """Object.values(localStorage).some(kept => kept.includes('"operationName":"Settings"'))"""


async def test_graphiql_is_signed_in_as_who_is_signed_in_on_the_page(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(alice, "/explore")).page
    await page.get_by_role("link", name="GraphiQL").click()
    await expect(page.get_by_text(f"signed in as @{alice.handle}")).to_be_visible()
    await page.get_by_role("button", name="All settings").click()
    await expect(page.get_by_text("query Settings")).to_be_visible()
    # GraphiQL takes over the text of its editor after a delay; until then it would run the previous operation.
    await eventually(lambda: page.evaluate(HAS_READ))
    await page.get_by_role("button", name="Execute query").click()
    await expect(page.get_by_text(f"{alice.handle}@example.org").first).to_be_visible()


async def test_bell_rings_in_a_page_of_somebody_else(stack: Stack, visiting: Visiting) -> None:
    alice, bob = await friends(stack.service)
    async with other_page(stack, await scoped(alice, "READ_NOTIFICATIONS", origin=stack.other_origin)):
        visit = await visiting()
        page = visit.page
        await page.goto(stack.other_origin)
        bell = page.get_by_role("button", name="Notifications, 1 unread")
        await expect(bell).to_be_visible()
        await bob.post(f"@{alice.handle} do you hear it?")
        await page.get_by_role("button", name="Notifications, 2 unread").click()
        await expect(page.get_by_role("link", name="bob mentioned you")).to_be_visible()
        await expect(page.get_by_role("link", name="All notifications")).to_be_visible()
        assert await page.evaluate("document.body.dataset.unread") == "2"
        forget(visit, stack.other_origin)


async def test_bell_whose_token_ran_out_asks_its_page_for_another(stack: Stack, visiting: Visiting) -> None:
    alice, _ = await friends(stack.service)
    async with other_page(stack, replace(alice, token="over")):
        visit = await visiting()
        page = visit.page
        await page.goto(stack.other_origin)
        bell = page.locator(".bell")
        await expect(bell).to_have_attribute("data-state", "expired")
        await page.evaluate("token => document.querySelector('rookery-bell').token = token", alice.token)
        await expect(page.get_by_role("button", name="Notifications, 1 unread")).to_be_visible()
        await expect(bell).to_have_attribute("data-state", "live")
        forget(visit, stack.other_origin)


async def test_bell_with_the_token_of_another_origin_says_so_and_does_not_try_again(
    stack: Stack, visiting: Visiting
) -> None:
    alice, _ = await friends(stack.service)
    async with other_page(stack, await scoped(alice, "READ_NOTIFICATIONS", origin="https://elsewhere.example")):
        visit = await visiting()
        page = visit.page
        await page.goto(stack.other_origin)
        await expect(page.locator(".bell")).to_have_attribute("data-state", "expired")
        forget(visit, stack.other_origin)
        visit.complaints = [text for text in visit.complaints if "403" not in text]


async def test_page_of_the_widget_makes_a_token_that_reads_notifications_alone(
    service: Service, visiting: Visiting
) -> None:
    alice, _ = await friends(service)
    page = (await visiting(alice, "/widget")).page
    await expect(page.get_by_text(f"You are @{alice.handle}.")).to_be_visible()
    await page.get_by_label("Your password").fill("wrong horse")
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_text("The password is wrong.")).to_be_visible()
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_role("button", name="Notifications, 1 unread")).to_be_visible()
    await expect(page.get_by_text(f"Live, as @{alice.handle}: 1 unread.")).to_be_visible()
    (token,) = (await alice.ask(TOKENS))["viewer"]["accessTokens"]
    assert (token["scopes"], token["origin"]) == (["READ_NOTIFICATIONS"], service.url)
    shown = await page.locator("[data-token]").first.text_content()
    assert await replace(alice, token=shown or "").failed("{ homeTimeline { state } }") == ["FORBIDDEN"]


async def test_linter_finds_nothing_in_the_code_of_the_page() -> None:
    linter = installed_file(".bin/eslint")
    if shutil.which("node") is None:
        pytest.skip("Skipped, for Node.js is not there: the linter of the page's code")
    command = (str(linter), "--config", str(RULES), "--max-warnings", "0", ".")
    process = await asyncio.create_subprocess_exec(*command, cwd=WEB, stdout=PIPE, stderr=STDOUT)
    async with asyncio.timeout(LINT_SECONDS):
        output, _ = await process.communicate()
    assert (process.returncode, output.decode()) == (0, "")


@asynccontextmanager
async def other_page(stack: Stack, person: Person) -> AsyncIterator[None]:
    """A site of another origin whose page embeds the widget by one script tag."""
    tag = f'<script src="{stack.service.url}/widget.js" data-token="{person.token}" defer></script>'
    listener = (
        "<script>addEventListener('rookery-unread', ({detail}) => document.body.dataset.unread = detail)</script>"
    )

    async def show(_: Request) -> HTMLResponse:
        return HTMLResponse(f'<!doctype html><link rel="icon" href="data:,"><body>{listener}<h1>Mine</h1>{tag}')

    config = uvicorn.Config(Starlette(routes=[Route("/", show)]), port=stack.other_port, log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or serving.done())
        yield
    finally:
        server.should_exit = True
        await serving


def forget(visit: Visit, origin: str) -> None:
    """Removes requests to that origin, which are expected."""
    visit.addresses = [address for address in visit.addresses if not address.startswith(origin)]
