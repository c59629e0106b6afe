"""Drafts are kept for each place until they are sent or the user signs out."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.people import sign_up
from tests.support.service import Service
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends, refuse, write

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

KEPT = "Object.keys(localStorage).filter(key => key.startsWith('rookery.drafts'))"


async def test_drafts_are_kept_over_dialogs_views_and_reloads(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.post("What did you see?")
    await service.settle()
    page = (await visiting(bob)).page
    asked = article(page, "What did you see?")
    await expect(asked).to_be_visible()
    await page.keyboard.press("n")
    await written(page).fill("Half a thought")
    await page.keyboard.press("Escape")
    await asked.get_by_role("button", name="Reply, 0 replies").click()
    await expect(written(page)).to_have_value("")
    await written(page).fill("Half a reply")
    await page.mouse.click(5, 5)
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.get_by_role("link", name="Explore").click()
    await page.get_by_role("button", name="Tweet", exact=True).click()
    await expect(written(page)).to_have_value("Half a thought")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Home", exact=True).click()
    await page.reload()
    home = page.get_by_role("main").get_by_role("textbox")
    await expect(home).to_have_value("Half a thought")
    await asked.get_by_role("button", name="Reply, 0 replies").click()
    await expect(written(page)).to_have_value("Half a reply")
    await written(page).fill("A whole reply")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Your reply is out.")).to_be_visible()

    await page.reload()
    await expect(home).to_have_value("Half a thought")
    await asked.get_by_role("button", name="Reply, 1 reply").click()
    await expect(written(page)).to_have_value("")


async def test_refused_text_is_kept_below_a_newer_draft(service: Service, visiting: Visiting) -> None:
    page = (await visiting(await sign_up(service, "alice"))).page
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    await page.route("**/graphql", refuse("Post"))
    await write(page, "Too bold")
    await expect(written(page)).to_have_value("Too bold")
    await page.keyboard.press("Escape")
    home = page.get_by_role("main").get_by_role("textbox")
    await expect(home).to_have_value("Too bold")
    await write(page, "Still too bold")
    await expect(written(page)).to_have_value("Still too bold")
    await page.reload()
    await expect(home).to_have_value("Still too bold")


async def test_draft_is_forgotten_by_who_signs_out(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(alice)).page
    await page.get_by_role("main").get_by_role("textbox").fill("Between us")
    assert await page.evaluate(KEPT) == [f"rookery.drafts.{alice.handle}"]
    await page.get_by_role("button", name=f"Account: alice @{alice.handle}").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await page.evaluate(KEPT) == []


def written(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("textbox")
