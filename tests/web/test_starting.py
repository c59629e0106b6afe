"""The first hour in the page: an empty home that leads on, what is popular, and suggestions while one searches."""

import re

import pytest
from playwright.async_api import expect

from tests.support.people import sign_up
from tests.support.scenarios.notifications import LIKE, RETWEET
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends, is_following

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]


async def test_newcomer_finds_what_is_popular_and_somebody_by_keys(service: Service, visiting: Visiting) -> None:
    alice, carol = [await sign_up(service, name) for name in ("unlike", "carol")]
    tweet_id = await alice.post("Everybody likes herons")
    # More than like what other tests, and the demo data, have in this database.
    for number in range(6):
        fan = await sign_up(service, f"fan{number}")
        await fan.act(LIKE, id=tweet_id)
        await fan.act(RETWEET, id=tweet_id)
    await service.settle()
    page = (await visiting(carol)).page
    await expect(page.get_by_role("heading", name="Welcome, carol")).to_be_visible()
    await page.get_by_role("main").get_by_role("link", name="Look around").click()
    await expect(page.get_by_role("heading", name="Popular this week")).to_be_visible()
    await expect(article(page, "Everybody likes herons")).to_be_visible()

    field, options = page.get_by_role("main").get_by_role("combobox", name="Search"), page.get_by_role("option")
    await field.press_sequentially(alice.handle[:-1])
    await expect(options.filter(has_text=f"@{alice.handle}")).to_be_visible()
    await field.press("Escape")
    await expect(options).to_have_count(0)
    await expect(field).to_have_attribute("aria-expanded", "false")
    await field.press_sequentially(alice.handle[-1])
    await expect(options).to_have_count(1)
    await field.press("ArrowDown")
    await expect(page.get_by_role("option", name=f"@{alice.handle}", selected=True)).to_be_visible()
    await field.press("Enter")
    await page.get_by_role("main").get_by_role("button", name=f"Follow @{alice.handle}").click()
    await eventually(lambda: is_following(carol, alice))

    await page.get_by_role("link", name="Home", exact=True).click()
    await expect(article(page, "Everybody likes herons")).to_be_visible()
    await page.get_by_role("button", name="Show my timeline").click()
    await expect(page.get_by_role("heading", name="Welcome, carol")).to_have_count(0)
    await page.reload()
    await expect(article(page, "Everybody likes herons")).to_be_visible()
    await expect(page.get_by_role("button", name="Show my timeline")).to_have_count(0)


async def test_what_is_typed_is_searched_unless_something_is_chosen(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    page = (await visiting(bob, "/explore")).page
    field = page.get_by_role("main").get_by_role("combobox", name="Search")
    await field.press_sequentially(alice.handle)
    await expect(page.get_by_role("option", name=f"@{alice.handle}")).to_be_visible()
    await field.press("Enter")
    await expect(page).to_have_url(re.compile(f"/search\\?q={alice.handle}$"))
    await expect(page.get_by_role("option")).to_have_count(0)
