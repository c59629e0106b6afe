"""Moderation in the page: a report, its decision, and the person's view of it."""

import pytest
from playwright.async_api import Page, expect

from tests.support.people import Person
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service
from tests.web.conftest import Visiting
from tests.web.test_people import friends

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]


async def test_person_is_limited_and_the_decision_taken_back_where_it_was_made(
    service: Service, visiting: Visiting
) -> None:
    alice, bob = await friends(service)
    page = (await visiting(bob, f"/people/{alice.handle}")).page
    await page.get_by_role("button", name="More about this account").click()
    await page.get_by_role("menuitem", name=f"Report @{alice.handle}").click()
    await send(page, alice, f"Report @{alice.handle}", "Spam or fraud")

    desk = (await visiting(await sign_up_moderator(service), "/moderation")).page
    case = desk.locator("article.report", has_text=f"@{alice.handle}")
    await case.get_by_role("button", name="Limit").click()
    await desk.get_by_label("How long").select_option("7 days")
    await desk.get_by_role("dialog").get_by_role("button", name="Decide: Limit").click()
    await expect(case).to_have_count(0)
    here = (await visiting(alice, "/settings/decisions")).page
    told = here.get_by_role("main").get_by_role("article")
    await expect(told).to_contain_text("Your account is limited")
    await expect(told).to_contain_text("until")
    await desk.get_by_role("button", name="Undo").click()
    await expect(desk.get_by_text("Revoked. All is as it was before.")).to_be_visible()
    await here.reload()
    await expect(told).to_contain_text("Revoked")
    await expect(here.get_by_role("button", name="Appeal")).to_have_count(0)

    await desk.get_by_role("link", name="Log").click()
    await expect(desk.locator("article.log-line").first).to_be_visible()
    await here.goto(f"{service.url}/moderation")
    await expect(here.get_by_text("This room is for moderators")).to_be_visible()


async def send(page: Page, person: Person, title: str, reason: str, comment: str = "") -> None:
    dialog = page.get_by_role("dialog", name=title)
    await dialog.get_by_label(reason).check()
    await dialog.get_by_label("What else should the moderators know?").fill(comment)
    await dialog.get_by_role("button", name="Send the report").click()
    await expect(dialog.get_by_role("button", name=f"Mute @{person.handle}")).to_be_visible()
    await dialog.get_by_role("button", name="Done").click()
