"""Several tabs of one browser: one socket for all of them, and hidden ones that come back by cursor."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Page, WebSocket, expect

from tests.support.people import connected, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.chromium import Visit
from tests.web.conftest import Stack, Visiting
from tests.web.test_people import EMPTY_HOME, article, friends
from transport.limits.limits import DEFAULT_LIMITS

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

TABS = 8
CROWDED = "You are signed in on many devices at once, so this one is not live. Trying again …"
BACK = "Back, and nothing was missed."
HIDDEN = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})"
TURN = """isHidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => isHidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
# Simulates a page from another machine over plain HTTP.
NO_LOCKS = "Object.defineProperty(navigator, 'locks', {value: undefined})"
# A frozen tab keeps its lock and neither receives nor sends.
FROZEN = """BroadcastChannel.prototype.postMessage = () => {};
Object.defineProperty(BroadcastChannel.prototype, 'onmessage', {set() {}})"""


class Sockets:
    """Sockets of all watched pages."""

    def __init__(self) -> None:
        self._all: list[tuple[Page, WebSocket]] = []

    def watch(self, page: Page) -> None:
        # Playwright sets attributes on handlers, which built-in methods do not allow.
        page.on("websocket", lambda socket: self._all.append((page, socket)))

    @property
    def ever(self) -> int:
        return len(self._all)

    @property
    def open(self) -> int:
        return sum(not page.is_closed() and not socket.is_closed() for page, socket in self._all)


async def test_eight_tabs_are_live_by_one_socket(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit, sockets = await visiting(bob, "/welcome"), Sockets()
    pages = await opened_tabs(visit, sockets, TABS)
    await alice.post("for all tabs")
    await asyncio.gather(*(live(page, "for all tabs") for page in pages))
    assert (sockets.open, sockets.ever) == (1, 1)
    for page in pages:
        await expect(page.locator(".notice")).to_have_count(0)

    # The tab that has the socket closes; another tab takes over without missing an event.
    await pages.pop(0).close()
    await alice.post("for those that are left")
    await asyncio.gather(*(live(page, "for those that are left") for page in pages))
    await article(pages[0], "for all tabs").get_by_role("button", name="Like, 0 likes").click()
    liked = article(pages[-1], "for all tabs").get_by_role("button", name="Like, 1 like")
    await expect(liked).to_be_visible()
    assert sockets.open == 1


async def test_hidden_tabs_come_back_by_cursor(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit, sockets = await visiting(bob, "/welcome"), Sockets()
    first, second = await opened_tabs(visit, sockets, 2)
    await first.evaluate(TURN, True)
    await alice.post("while it was hidden")
    await live(second, "while it was hidden")
    await expect(first.get_by_role("button", name="1 new tweet")).to_have_count(0)
    await second.evaluate(TURN, True)
    await first.evaluate(TURN, False)
    await live(first, "while it was hidden")
    await alice.post("in sight again")
    await live(first, "in sight again")
    await eventually(lambda: sockets.open == 1)


async def test_last_tab_in_sight_stays_live_when_it_is_hidden(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit, sockets = await visiting(bob, "/welcome"), Sockets()
    (page,) = await opened_tabs(visit, sockets, 1)
    opened_behind = await visit.new_tab(HIDDEN)
    sockets.watch(opened_behind)
    await opened_behind.goto(visit.url)
    await expect(opened_behind.get_by_role("heading", name="A quiet tree")).to_be_visible()
    await page.evaluate(TURN, True)
    await alice.post("seen by nobody yet")
    await live(page, "seen by nobody yet")
    await expect(opened_behind.locator("article.tweet, .pill")).to_have_count(0)
    assert sockets.ever == 1


async def test_socket_is_taken_from_a_frozen_tab(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit, sockets = await visiting(bob, "/welcome"), Sockets()
    frozen = await visit.new_tab(FROZEN)
    await visit.page.close()
    await frozen.goto(visit.url)
    await expect(frozen.get_by_role("heading", name="A quiet tree")).to_be_visible()
    (page,) = await opened_tabs(visit, sockets, 1)
    await eventually(lambda: sockets.open == 1)
    await alice.post("thawed")
    await live(page, "thawed")


async def test_tabs_without_locks_have_a_socket_while_they_are_in_sight(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit, sockets = await visiting(bob, "/welcome"), Sockets()
    first, second = await opened_tabs(visit, sockets, 2, NO_LOCKS)
    await first.evaluate(TURN, True)
    await eventually(lambda: sockets.open == 1)
    await alice.post("by one socket")
    await live(second, "by one socket")


async def test_tabs_without_connection_try_together(stack: Stack, visiting: Visiting) -> None:
    alice = await sign_up(stack.service, "alice")
    visit, sockets = await visiting(alice, "/welcome"), Sockets()
    pages = await opened_tabs(visit, sockets, 3)
    await eventually(lambda: sockets.ever == 1)
    await stack.stop()
    for page in pages:
        await expect(page.get_by_text("Connection lost. Trying again …")).to_be_visible()
    await stack.start()
    await asyncio.gather(*(expect(page.get_by_text(BACK)).to_be_visible() for page in pages))
    # Attempts after 0.25 s, then 1, 2 and 4.
    assert sockets.ever <= 5
    visit.forgive_outage()


async def test_page_without_a_socket_says_that_other_devices_have_them_all(
    service: Service, visiting: Visiting
) -> None:
    alice, bob = await friends(service)
    most = DEFAULT_LIMITS.sockets_per_person
    async with AsyncExitStack() as others:
        elsewhere = [await others.enter_async_context(connected(service, bob.token)) for _ in range(most)]
        visit, sockets = await visiting(bob, "/welcome"), Sockets()
        pages = await opened_tabs(visit, sockets, 2)
        for page in pages:
            await expect(page.get_by_text(CROWDED)).to_be_visible()
        await alice.post("while it was crowded")
        await elsewhere[0].connection.close()
        # The word disappears by itself, so that all tabs are watched for it at once.
        await asyncio.gather(*(expect(page.get_by_text(BACK)).to_be_visible() for page in pages))
        for page in pages:
            await live(page, "while it was crowded")
            await expect(page.get_by_text(CROWDED)).to_have_count(0)
    assert sockets.open == 1


async def opened_tabs(visit: Visit, sockets: Sockets, count: int, *scripts: str) -> list[Page]:
    """Tabs that show the home timeline, instead of the visit's own tab."""
    await visit.page.close()
    pages = [await visit.new_tab(*scripts) for _ in range(count)]
    for page in pages:
        sockets.watch(page)
        await page.goto(visit.url)
        await expect(page.get_by_role("heading", name=EMPTY_HOME)).to_be_visible()
    return pages


async def live(page: Page, text: str) -> None:
    """Asserts that the tab shows the tweet as soon as it is posted."""
    await page.get_by_role("button", name="new tweet").click()
    await expect(article(page, text)).to_be_visible()
