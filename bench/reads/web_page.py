"""The web page in Chromium on a local server: first render, bytes loaded, and the delay of live tweets."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from statistics import median
from time import perf_counter

import structlog
from PIL import Image, ImageFilter
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, async_playwright

from bench.deployment.stack import Stack, running_stack
from bench.harness.figures import Figure
from datastore.stores import open_stores
from resolvers.demo import demo
from resolvers.services import open_services

IS_LOADED = """text => [...document.querySelectorAll('article.tweet')].some((row) =>
  row.textContent.includes(text) && row.querySelector('.picture img')?.naturalWidth > 0)"""
READER, WRITER = demo.HANDLE, "ada_rook"
VISITS, SLOW_VISITS, TWEETS, PICTURES = 9, 5, 15, 9
# Latency in ms, throughput in bytes per second.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
NOTE_FIRST_TWEET = """new MutationObserver(() => {
  if (document.querySelector('article.tweet')) globalThis.firstTweet ??= performance.now();
}).observe(document, {childList: true, subtree: true});"""
TIMES = """[performance.getEntriesByName('first-contentful-paint')[0].startTime, globalThis.firstTweet]"""


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    program = shutil.which("chromium")
    if program is None:
        return [Figure("web_page", "chromium is not installed", "not measured")]
    async with running_stack() as stack, async_playwright() as playwright:
        await _load_demo(stack)
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            return [
                *await _visits(browser, stack),
                *await _slow_visits(browser, stack),
                await _tweets(browser, stack),
                await _pictures(browser, stack),
            ]
        finally:
            await browser.close()


async def _load_demo(stack: Stack) -> None:
    async with open_stores(stack.settings) as stores, open_services(stores, stack.settings) as services:
        await demo.load(services)


async def _visits(browser: Browser, stack: Stack) -> list[Figure]:
    """Cold visits, each in a browser without a cache."""
    async with _signed_in(browser, stack, READER) as (context, _):
        state = await context.storage_state()
    paints, tweets, sizes = [], [], []
    for _ in range(VISITS):
        context = await browser.new_context(storage_state=state)
        await context.add_init_script(NOTE_FIRST_TWEET)
        page = await context.new_page()
        loaded: list[int] = []
        session = await context.new_cdp_session(page)
        await session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event, loaded=loaded: loaded.append(event["encodedDataLength"]))
        await page.goto(stack.url)
        await page.locator("article.tweet").first.wait_for()
        await page.wait_for_load_state("networkidle")
        paint, tweet = await page.evaluate(TIMES)
        paints.append(paint)
        tweets.append(tweet)
        sizes.append(sum(loaded))
        await context.close()
    return [
        Figure("web_page", "first render, cold, ms: median, worst", _pair(paints), "< 1000"),
        Figure("web_page", "first tweet shown, cold, ms: median, worst", _pair(tweets)),
        Figure("web_page", "transferred by the home page, kB", f"{max(sizes) / 1000:.0f}", "< 150"),
    ]


async def _slow_visits(browser: Browser, stack: Stack) -> list[Figure]:
    """Cold visits over a slow connection."""
    async with _signed_in(browser, stack, READER) as (context, _):
        state = await context.storage_state()
    shells, tweets, requests = [], [], []
    for _ in range(SLOW_VISITS):
        context = await browser.new_context(storage_state=state)
        await context.add_init_script(NOTE_FIRST_TWEET)
        page = await context.new_page()
        sent: list[str] = []
        session = await context.new_cdp_session(page)
        await session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda event, sent=sent: sent.append(event["requestId"]))
        await session.send("Network.emulateNetworkConditions", SLOW)
        await page.goto(stack.url, wait_until="commit")
        await page.locator("article.tweet").first.wait_for()
        requests.append(len(sent))
        shell, tweet = await page.evaluate(TIMES)
        shells.append(shell)
        tweets.append(tweet)
        await context.close()
    connection = "cold, at 400 ms and 50 kB/s"
    return [
        Figure("web_page", f"shell, {connection}, ms: median, worst", _pair(shells), "< 1000"),
        Figure("web_page", f"first tweet shown, {connection}, ms: median, worst", _pair(tweets), "< 3000"),
        Figure("web_page", f"requests until the first tweet, {connection}", str(max(requests))),
    ]


async def _tweets(browser: Browser, stack: Stack) -> Figure:
    """Time from the click in one browser to the new-tweets pill in another."""
    async with _signed_in(browser, stack, WRITER) as (_, here), _signed_in(browser, stack, READER) as (_, there):
        took = []
        for number in range(TWEETS):
            await here.get_by_role("main").get_by_role("textbox").first.fill(f"tweet {number}")
            began = perf_counter()
            await here.get_by_role("main").get_by_role("button", name="Tweet", exact=True).click()
            await there.locator(".pill").click()
            took.append((perf_counter() - began) * 1000)
    return Figure("web_page", "a tweet here is told there, ms: median, worst", _pair(took), "< 1000")


async def _pictures(browser: Browser, stack: Stack) -> Figure:
    """Time from the click in one browser to the loaded picture in another; its bytes were sent before."""
    async with _signed_in(browser, stack, WRITER) as (_, here), _signed_in(browser, stack, READER) as (_, there):
        took = []
        for number in range(PICTURES):
            main = here.get_by_role("main")
            await main.locator("form.writer input[type=file]").set_input_files(_photograph(number))
            await main.get_by_role("textbox").first.fill(f"picture {number}")
            tweet = main.get_by_role("button", name="Tweet", exact=True)
            await tweet.click(trial=True)
            began = perf_counter()
            await tweet.click()
            await there.locator(".pill").click()
            await there.wait_for_function(IS_LOADED, arg=f"picture {number}")
            took.append((perf_counter() - began) * 1000)
    return Figure("web_page", "a picture posted here is shown there, ms: median, worst", _pair(took), "< 3000")


def _photograph(number: int) -> FilePayload:
    noise = Image.effect_noise((1_600, 1_200), 40).filter(ImageFilter.GaussianBlur(number + 1))
    file = BytesIO()
    noise.convert("RGB").save(file, "JPEG", quality=90)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


@asynccontextmanager
async def _signed_in(browser: Browser, stack: Stack, handle: str) -> AsyncIterator[tuple[BrowserContext, Page]]:
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(stack.url)
        await page.get_by_label("Handle or e-mail address").fill(handle)
        await page.get_by_label("Password").fill(demo.PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.locator("article.tweet").first.wait_for()
        yield context, page
    finally:
        await context.close()


def _pair(values: list[float]) -> str:
    return f"{median(values):.0f}, {max(values):.0f}"
