"""Lists of people in the page: made, filled from a profile, read live, emptied and deleted."""

import pytest
from playwright.async_api import expect

from tests.support.people import sign_up
from tests.support.service import Service
from tests.web.conftest import Visiting
from tests.web.test_people import article

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

OWN = "{ viewer { lists(first: 5) { edges { node { name isPrivate memberCount } } } } }"


async def test_list_is_made_filled_from_a_profile_read_live_and_deleted(service: Service, visiting: Visiting) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    await bob.post("Before the list")
    page = (await visiting(alice, "/lists")).page
    await expect(page.get_by_text("No lists yet")).to_be_visible()
    await page.get_by_role("button", name="New list").click()
    await page.get_by_label("Name").fill("Birds")
    await page.get_by_role("switch", name="Only I see this list").click()
    await page.get_by_role("button", name="Make the list").click()
    await expect(page.get_by_role("heading", name="Birds")).to_be_visible()

    await page.goto(f"{service.url}/people/{bob.handle}")
    await page.get_by_role("button", name="More about this account").click()
    await page.get_by_role("menuitem", name="Add to a list").click()
    await page.get_by_role("dialog").get_by_role("button", name="Birds").click()
    await expect(page.get_by_text(f"@{bob.handle} is in “Birds”.")).to_be_visible()
    (edge,) = (await alice.ask(OWN))["viewer"]["lists"]["edges"]
    assert edge["node"] == {"name": "Birds", "isPrivate": True, "memberCount": 1}

    await page.goto(f"{service.url}/lists")
    await page.get_by_role("link", name="Birds").click()
    await expect(article(page, "Before the list")).to_be_visible()
    # The first look builds the list; who looks meanwhile is told to read again, and that page has new tweets in place.
    await service.settle()
    await page.reload()
    await expect(article(page, "Before the list")).to_be_visible()
    await bob.post("While it is read")
    await page.get_by_role("button", name="1 new tweet").click()
    await expect(article(page, "While it is read")).to_be_visible()

    await page.get_by_role("link", name="People", exact=True).click()
    await page.get_by_role("button", name="Take out").click()
    await expect(page.get_by_text("Nobody yet")).to_be_visible()
    await page.get_by_role("link", name="Edit").click()
    await page.get_by_role("button", name="Delete list").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete list").click()
    await expect(page.get_by_text("No lists yet")).to_be_visible()
    assert (await alice.ask(OWN))["viewer"]["lists"]["edges"] == []
