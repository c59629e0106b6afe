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
from playwright.async_api import Page, Route, expect
from starlette import routing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tests.clients.packages import installed_file
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.pictures import png, ready
from tests.support.scenarios.notifications import LIKE
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
# A bell that gets nowhere says so after 3 s.
BELL_WAITS_MS = 3_500
HAS_READ = """name => Object.values(localStorage).some(kept => kept.includes(`"operationName":"${name}"`))"""
PLACE = "place => document.querySelector('rookery-bell').style = `position: fixed; ${place}`"
IS_INSIDE = """() => {
  const { left, right, top, bottom } = document.querySelector('rookery-bell').list.getBoundingClientRect();
  return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
}"""
PLACES = ("left: 0; top: 0", "right: 0; top: 0", "left: 45vw; top: 0", "left: 0; bottom: 0", "right: 0; bottom: 0")


async def test_graphiql_is_signed_in_as_on_the_page_and_for_its_tab_by_a_mutation(
    service: Service, visiting: Visiting, demo_person: Person
) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(alice, "/explore")).page
    await page.get_by_role("link", name="GraphiQL").click()
    await expect(page.get_by_text(f"signed in as @{alice.handle}")).to_be_visible()
    await executed(page, "Sign in", "SignIn")
    await expect(page.get_by_text("signed in as @demo in this tab")).to_be_visible()
    await executed(page, "All settings", "Settings")
    await expect(page.get_by_text("demo@").first).to_be_visible()
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(other.get_by_text(f"signed in as @{alice.handle}")).to_be_visible()
    await executed(other, "All settings", "Settings")
    await expect(other.get_by_text(f"{alice.handle}@example.org").first).to_be_visible()
    await other.close()


async def test_bell_rings_in_a_page_of_somebody_else(stack: Stack, visiting: Visiting) -> None:
    alice, bob = await friends(stack.service)
    async with other_page(stack, await scoped(alice, "READ_NOTIFICATIONS", origin=stack.other_origin)):
        visit = await visiting()
        page = visit.page
        await page.goto(stack.other_origin)
        bell = page.get_by_role("button", name="Notifications, 1 unread")
        await expect(bell).to_be_visible()
        heard = [(await ready(bob, png()))["id"]]
        await bob.post(f"@{alice.handle} do you hear it?", media=heard)
        await page.get_by_role("button", name="Notifications, 2 unread").click()
        mention = page.get_by_role("link", name="bob mentioned you")
        await expect(mention.locator("img")).to_have_js_property("naturalWidth", 40)
        silent = await alice.post(
            "", media=[(await ready(alice, png(), altText="A red field."))["id"]], isSensitive=True
        )
        await bob.act(LIKE, id=silent)
        liked = page.get_by_role("link", name="bob liked your tweet A red field.")
        await expect(liked).to_be_visible()
        await expect(liked.locator("img")).to_have_count(0)
        await expect(page.get_by_role("link", name="All notifications")).to_be_visible()
        assert await page.evaluate("document.body.dataset.unread") == "3"
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
        await left(visit, stack.other_origin)


async def test_list_of_the_bell_opens_inside_the_window(stack: Stack, visiting: Visiting) -> None:
    alice, _ = await friends(stack.service)
    async with other_page(stack, alice):
        visit = await visiting(viewport={"width": 420, "height": 640})
        page = visit.page
        await page.goto(stack.other_origin)
        bell = page.locator(".bell")
        await expect(bell).to_have_attribute("data-state", "live")
        for place in PLACES:
            await page.evaluate(PLACE, place)
            await bell.click()
            await expect(page.get_by_role("link", name="followed you")).to_be_visible()
            assert (place, await page.evaluate(IS_INSIDE)) == (place, True)
            await bell.click()
        forget(visit, stack.other_origin)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "it has no token: the page gives one by data-token"),
        ("over", "its token has run out, is not valid or is bound to another origin"),
    ],
)
async def test_bell_without_a_token_that_is_valid_says_so_once(
    stack: Stack, visiting: Visiting, token: str, reason: str
) -> None:
    alice, _ = await friends(stack.service)
    async with other_page(stack, replace(alice, token=token)):
        visit = await visiting()
        await visit.page.clock.install()
        await visit.page.goto(stack.other_origin)
        await expect(visit.page.locator(".bell")).to_be_visible()
        await visit.page.clock.fast_forward(BELL_WAITS_MS)
        (said,) = await eventually(lambda: told_by_bell(visit))
        assert reason in said
        await left(visit, stack.other_origin)


async def test_bell_that_reaches_no_server_tells_what_may_be_wrong_once(stack: Stack, visiting: Visiting) -> None:
    alice, _ = await friends(stack.service)
    tries: list[str] = []

    async def refuse(route: Route) -> None:
        tries.append(route.request.url)
        await route.abort()

    async with other_page(stack, alice):
        visit = await visiting()
        await visit.page.route("**/graphql", refuse)
        await visit.page.goto(stack.other_origin)
        await eventually(lambda: len(tries) >= 3)
        (said,) = told_by_bell(visit)
        assert f"no answer from {stack.service.url}: it is away, or its ROOKERY_ALLOWED_ORIGINS lacks" in said
        await left(visit, stack.other_origin)


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
    shown = await page.locator("em[data-token]").text_content()
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

    config = uvicorn.Config(Starlette(routes=[routing.Route("/", show)]), port=stack.other_port, log_level="error")
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


async def left(visit: Visit, origin: str) -> None:
    """Leaves the page; forgets what it complained of, and that origin's requests."""
    await visit.page.goto("about:blank")
    visit.complaints.clear()
    forget(visit, origin)


def told_by_bell(visit: Visit) -> list[str]:
    return [text for text in visit.complaints if text.startswith("rookery-bell: ")]


async def executed(page: Page, example: str, operation: str) -> None:
    """Executes an example of GraphiQL's sidebar."""
    await page.get_by_role("button", name=example, exact=True).click()
    # GraphiQL takes over the text of its editor after a delay; until then it would run the previous operation.
    await eventually(lambda: page.evaluate(HAS_READ, operation))
    await page.get_by_role("button", name="Execute query").click()
