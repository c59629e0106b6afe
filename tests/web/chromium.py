"""Chromium driven by Playwright, with pages that record errors and requests."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright, expect

PATIENCE_MS = 20_000
# The shell has no windows; in `chromium` those of each page cost more than the page.
PROGRAMS = ("chromium-headless-shell", "chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
LOADED_FROM = re.compile(r"(https?|wss?)://")
# Errors that Chromium logs when a server is gone; a page can't suppress them.
GONE = ("net::ERR_CONNECTION_REFUSED", "WebSocket connection to", "net::ERR_INTERNET_DISCONNECTED")


# Not slotted, because Playwright sets attributes on objects whose methods it calls.
@dataclass
class Visit:
    """A page in its own browser profile, with its console errors and requested addresses."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.url + path)

    async def new_tab(self, *scripts: str) -> Page:
        """Opens an empty tab in the same profile; `scripts` run before those of each document."""
        page = await self.page.context.new_page()
        self.listen(page)
        for script in scripts:
            await page.add_init_script(script)
        return page

    def assert_clean(self) -> None:
        """Asserts that there was no console error and no request to another host."""
        assert self.complaints == [], self.complaints
        assert [address for address in self.addresses if not address.startswith(self.url)] == []

    def forgive_outage(self) -> None:
        self.complaints = [text for text in self.complaints if not any(reason in text for reason in GONE)]

    def forgive_absence(self, path: str) -> None:
        """Chromium itself complains of a document whose status is 404."""
        self.complaints = [text for text in self.complaints if not ("404" in text and f"({self.url}{path})" in text)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _asked(self, request: Request) -> None:
        if LOADED_FROM.match(request.url):
            self.addresses.append(request.url)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Skips the test where Chromium is not installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"Skipped, for Debian has neither of {PROGRAMS}: what the page does in a browser")
    async with async_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(browser: Browser, url: str, session: str | None = None, **options: Any) -> AsyncIterator[Visit]:
    """A page in a new profile; `session` is the page's stored session."""
    storage = [{"origin": url, "localStorage": [{"name": "rookery.session", "value": session}]}] if session else []
    settings: dict[str, Any] = {
        "viewport": DESKTOP,
        "storage_state": {"cookies": [], "origins": storage},
        "locale": "en-GB",
        # A click waits till what it meets stands still.
        "reduced_motion": "reduce",
        **options,
    }
    context: BrowserContext = await browser.new_context(**settings)
    context.set_default_timeout(PATIENCE_MS)
    try:
        visit = Visit(await context.new_page(), url)
        visit.listen(visit.page)
        yield visit
    finally:
        await context.close()
