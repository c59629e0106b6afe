"""examples/spa in a browser, by its own `npm run dev`: sign-in, live timeline, composing, likes, a cut."""

import asyncio
import json
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Request, expect

from datastore.embedded.stores import free_port
from tests.clients.examples.short_tokens import shorten_tokens
from tests.clients.proxy import CuttingProxy, proxied
from tests.support.people import PASSWORD, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.chromium import opened, running_chromium
from tools.npm import NoPackagesError, installed

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "spa"
START_SECONDS = 30
WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """The page's address, and the proxy through which it asks."""

    address: str
    proxy: CuttingProxy
    browser: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spa(shared_service: Service, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with (
        proxied(shared_service) as proxy,
        vite(tmp_path_factory.mktemp("spa"), proxy.address.removesuffix("/graphql")) as address,
        running_chromium() as browser,
    ):
        yield Running(address, proxy, browser)


async def test_a_person_signs_in_reads_live_writes_and_likes(shared_service: Service, spa: Running) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    for number in range(25):
        await bob.post(f"before {number}")
    await shared_service.settle()
    async with opened(spa.browser, spa.address) as visit:
        page = visit.page
        await visit.open()
        await page.get_by_label("Handle or address").fill(alice.handle)
        await page.get_by_label("Password").fill("not the password")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_have_text("Login or password is wrong.")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()

        tweets = page.locator("article > p")
        await expect(tweets).to_have_count(20)
        await bob.post("live")
        await expect(tweets.first).to_have_text("live")
        await page.get_by_role("button", name="Older tweets").click()
        await expect(tweets).to_have_count(26)
        await expect(page.get_by_role("button", name="Older tweets")).to_have_count(0)

        await page.get_by_label("What is new?").fill("mine")
        await page.get_by_role("button", name="Tweet", exact=True).click()
        await expect(tweets.first).to_have_text("mine")
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        like = page.locator("article").nth(1).get_by_role("button", name="Like")
        await like.click()
        await expect(like).to_have_text("Like 1")
        await expect(like).to_have_attribute("aria-pressed", "true")

        spa.proxy.cut()
        await bob.post(f"after a cut, @{alice.handle}")
        await expect(tweets.first).to_have_text(f"after a cut, @{alice.handle}")
        await expect(page.get_by_text("1 new notifications")).to_be_visible()
        await expect(page.get_by_text("Connection lost")).to_have_count(0)
        await expect(tweets).to_have_count(28)
        await page.reload()
        await expect(tweets.first).to_have_text(f"after a cut, @{alice.handle}")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        visit.forgive_outage()
        assert visit.complaints == []


async def test_tabs_of_a_browser_share_one_session_and_renew_it_once(
    shared_service: Service, spa: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    shorten_tokens(monkeypatch)
    used: list[str] = []

    def note(request: Request) -> None:
        if "mutation RefreshTokens" in (request.post_data or ""):
            used.append(json.loads(request.post_data or "")["variables"]["refreshToken"])

    async with opened(spa.browser, spa.address) as visit:
        await visit.open()
        await visit.page.get_by_label("Handle or address").fill(alice.handle)
        await visit.page.get_by_label("Password").fill(PASSWORD)
        await visit.page.get_by_role("button", name="Sign in").click()
        await expect(visit.page.get_by_role("heading", name="Home")).to_be_visible()
        tabs = [visit.page, await visit.new_tab(), await visit.new_tab()]
        for tab in tabs:
            tab.on("request", note)
        for tab in tabs[1:]:
            await tab.goto(spa.address)
        await eventually(lambda: len(used) >= 4, WITHIN)
        await alice.post("to all tabs")
        for tab in tabs:
            await expect(tab.locator("article > p")).to_have_text(["to all tabs"])
        assert len(used) == len(set(used))
        await tabs[1].get_by_role("button", name="Sign out").click()
        for tab in tabs:
            await expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        assert visit.complaints == []


@asynccontextmanager
async def vite(scratch: Path, url: str) -> AsyncIterator[str]:
    """The address of the page, served by Vite from a copy."""
    try:
        packages = installed(EXAMPLE)
    except NoPackagesError as missing:
        pytest.skip(f"Skipped, for {missing}: the example with Vite and React")
    ignored = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(EXAMPLE, scratch / "examples" / "spa", ignore=ignored)
    shutil.copytree(ROOT / "clients" / "typescript", scratch / "clients" / "typescript", ignore=ignored)
    modules = scratch / "examples" / "spa" / "node_modules"
    # A folder of its own, since Vite writes into it.
    modules.mkdir()
    for package in (packages / "node_modules").iterdir():
        (modules / package.name).symlink_to(package)
    checked = await asyncio.create_subprocess_exec("npm", "run", "--silent", "check", cwd=modules.parent, stdout=PIPE)
    assert (await checked.communicate())[0].decode() == ""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *("npm", "run", "dev", "--", "--host", "127.0.0.1", "--port", str(port), "--strictPort"),
        cwd=modules.parent,
        env={**os.environ, "VITE_ROOKERY_URL": url},
        stdin=DEVNULL,
        stdout=PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            while b"ready in" not in await process.stdout.readline():
                pass
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
