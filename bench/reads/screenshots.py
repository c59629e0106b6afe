"""Takes the pictures of docs/page.md from the demo account: `python -m bench.reads.screenshots [NAME ...]`.

Look at each picture before committing it. The page's first font is Inter (Debian: fonts-inter), where it is installed.
"""

import argparse
import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from bench.deployment.stack import ROOT, running_api, running_stores, running_workers
from bench.reads.web_page import ARGUMENTS
from datastore.stores import open_stores
from resolvers.demo import demo
from resolvers.services import open_services

PICTURES = ROOT / "docs" / "pictures"
DESK, PHONE = ViewportSize(width=1280, height=840), ViewportSize(width=390, height=800)
# Headless screenshots have no scrollbar, so its gutter is removed.
NO_GUTTER = "document.documentElement.style.scrollbarGutter = 'auto'"


@dataclass(frozen=True, slots=True)
class Portrait:
    """`path` in the page, and the steps that bring it into the state to show."""

    path: str
    pose: Callable[[Page], Awaitable[None]]
    is_dark: bool = False
    is_phone: bool = False
    is_signed_in: bool = True


async def _tweets(page: Page) -> None:
    await page.locator("article.tweet").nth(1).wait_for()


async def _why(page: Page) -> None:
    await page.get_by_text("Why am I seeing this?").first.click()
    await page.get_by_text("Its score is").first.wait_for()


async def _thread(page: Page) -> None:
    await page.locator("article.tweet", has_text="A question for the colony").locator(".text").first.click()
    await page.locator("article.tweet", has_text="before breakfast is still the night shift").wait_for()


async def _written(page: Page) -> None:
    await page.locator("article.tweet").first.wait_for()
    await page.keyboard.press("n")
    await (
        page.get_by_role("dialog")
        .get_by_role("textbox")
        .press_sequentially("Frost on the elms this morning, 41 nests and one scarf. Ask @ad")
    )
    await page.get_by_role("option", name="Ada Rook").wait_for()


async def _notified(page: Page) -> None:
    await page.get_by_text("mentioned you").first.wait_for()


async def _campaign(page: Page) -> None:
    await page.locator("main a[href^='/campaigns/']:not([href$='/new'])").first.click()
    await page.locator(".days-chart").wait_for()


async def _welcome(page: Page) -> None:
    await page.get_by_role("button", name="Look around as demo").wait_for()


PORTRAITS: Mapping[str, Portrait] = {
    "home": Portrait("/", _tweets),
    "top": Portrait("/?order=top", _why),
    "thread-dark": Portrait("/people/demo", _thread, is_dark=True),
    "compose": Portrait("/", _written),
    "notifications": Portrait("/notifications", _notified),
    "profile": Portrait("/people/ada_rook", _tweets),
    "search": Portrait("/search?q=clock", _tweets),
    "campaign": Portrait("/campaigns", _campaign),
    "welcome": Portrait("/", _welcome, is_signed_in=False),
    "phone": Portrait("/", _tweets, is_phone=True),
    "phone-dark": Portrait("/hashtags/firstfrost", _tweets, is_dark=True, is_phone=True),
}


async def take(names: Sequence[str]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is not installed")
    async with _running_demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            for name in names:
                await _take(browser, url, name)
        finally:
            await browser.close()


@asynccontextmanager
async def _running_demo() -> AsyncIterator[str]:
    """Loads the demo data before the workers start, as `make up` does, so that trends are there."""
    async with running_stores() as settings:
        async with open_stores(settings) as stores, open_services(stores, settings) as services:
            await demo.load(services)
        async with running_workers(settings), running_api(settings) as url:
            yield url


async def _take(browser: Browser, url: str, name: str) -> None:
    portrait = PORTRAITS[name]
    async with _opened(browser, url, portrait) as page:
        await page.goto(url + portrait.path)
        await page.evaluate(NO_GUTTER)
        if portrait.is_signed_in:
            await page.locator(".rail .badge").wait_for()
        if portrait.is_signed_in and not portrait.is_phone:
            await page.locator(".side .trends").wait_for()
        await portrait.pose(page)
        await page.mouse.move(0, 0)
        path = PICTURES / f"page-{name}.png"
        await page.screenshot(path=path, animations="disabled")
        print(path.relative_to(ROOT))


@asynccontextmanager
async def _opened(browser: Browser, url: str, portrait: Portrait) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport=PHONE if portrait.is_phone else DESK,
        device_scale_factor=2 if portrait.is_phone else 1,
        color_scheme="dark" if portrait.is_dark else "light",
        reduced_motion="reduce",
        locale="en-US",
    )
    try:
        page = await context.new_page()
        if portrait.is_signed_in:
            await page.goto(url)
            await page.get_by_role("button", name="Look around as demo").click()
            await page.locator("article.tweet").first.wait_for()
        yield page
    finally:
        await context.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m bench.reads.screenshots", description="The pictures of docs/page.md."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(PORTRAITS)} (all)")
    names = parser.parse_args().names or list(PORTRAITS)
    # As `choices` argparse would refuse to be given none.
    if unknown := sorted(set(names) - PORTRAITS.keys()):
        parser.error(f"unknown: {', '.join(unknown)}")
    asyncio.run(take(names))
