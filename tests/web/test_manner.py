"""How a tweet is to be read and answered: warnings, covered pictures, audiences, pins; and hashtags that are found."""

import re

import pytest
from playwright.async_api import expect

from tests.support.people import unused_handle
from tests.support.pictures import png, ready
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends, is_following

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

REFUSED = "People whom its author follows can reply"


async def test_warning_and_audience_are_chosen_here_and_bind_there(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    here, there = (await visiting(alice)).page, (await visiting(bob)).page
    writing = here.get_by_role("main").get_by_role("button", name="Tweet", exact=True)
    await here.get_by_role("main").get_by_role("textbox", name="New tweet").fill("The butler did it.")
    await here.get_by_role("button", name="Content warning").click()
    warning = here.get_by_role("textbox", name="Warning shown before it")
    await expect(warning).to_be_focused()
    await expect(writing).to_be_disabled()
    await warning.fill("Spoilers")
    await here.get_by_role("button", name="Who can reply: Everyone").click()
    await here.get_by_role("menuitem", name="People I follow").click()
    await here.reload()
    await expect(warning).to_have_value("Spoilers")
    await expect(here.get_by_role("button", name="Who can reply: People I follow")).to_be_visible()
    await writing.click()
    await expect(warning).to_have_count(0)

    await there.get_by_role("button", name="1 new tweet").click()
    shown = article(there, "Spoilers")
    await expect(shown.get_by_text("The butler did it.")).to_have_count(0)
    await shown.get_by_role("button", name="Show").click()
    await expect(shown.get_by_text("The butler did it.")).to_be_visible()
    # A disabled button, which still says why.
    await shown.get_by_role("button", name=f"Reply, 0 replies. {REFUSED}").press("Enter")
    await expect(there.locator(".toast", has_text=REFUSED)).to_be_visible()
    await expect(there.get_by_role("dialog")).to_have_count(0)
    await shown.get_by_role("button", name="More").click()
    await there.get_by_role("menuitem", name="Mute this conversation").click()
    await expect(there.locator(".toast", has_text="You are told nothing more")).to_be_visible()
    await there.reload()
    await shown.get_by_role("button", name="More").click()
    await there.get_by_role("menuitem", name="Unmute this conversation").click()
    await expect(there.locator(".toast", has_text="You are told of its replies")).to_be_visible()
    await shown.locator("a.when").click()
    await expect(there.get_by_text(f"{REFUSED}.")).to_be_visible()

    await alice.follow(bob)
    await there.reload()
    await there.get_by_role("main").get_by_role("textbox", name=f"Reply to @{alice.handle}").fill("The heron knew.")
    await there.get_by_role("main").get_by_role("button", name="Reply", exact=True).click()
    await expect(article(there, "The heron knew.")).to_be_visible()


async def test_pinned_tweet_stands_first_with_its_picture_covered(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    picture = await ready(alice, png())
    await alice.post("What the fox left", media=[picture["id"]], isSensitive=True)
    await alice.post("Newer words")
    page = (await visiting(alice, f"/people/{alice.handle}")).page
    await article(page, "What the fox left").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Pin to your profile").click()
    await expect(page.locator("article.tweet", has_text="Pinned")).to_contain_text("What the fox left")

    there = (await visiting(bob, f"/people/{alice.handle}")).page
    first = there.locator("article.tweet").first
    await expect(first).to_have_text(re.compile("Pinned.*What the fox left", re.DOTALL))
    await expect(first.locator("img")).to_have_count(0)
    await first.get_by_role("button", name="Show").click()
    await expect(first.locator(".picture img")).to_have_count(1)

    await page.locator("article.tweet", has_text="Pinned").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Unpin").click()
    await expect(page.locator("article.tweet", has_text="Pinned")).to_have_count(0)
    await page.goto(f"{service.url}/people/{bob.handle}")
    await page.get_by_role("button", name="More about this account").click()
    await page.get_by_role("menuitem", name="Remove this follower").click()
    await eventually(lambda: is_following(bob, alice, is_wanted=False))
    await expect(page.get_by_text("Follows you")).to_have_count(0)


async def test_hashtags_are_suggested_and_found_by_their_beginning(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    tag = unused_handle("thaw")
    await alice.post(f"Cold. #{tag}")
    await service.settle()
    page = (await visiting(bob, "/explore")).page
    field = page.get_by_role("main").get_by_role("combobox", name="Search")
    await field.press_sequentially(f"#{tag[:-1]}")
    await expect(page.get_by_role("option", name=f"#{tag}")).to_be_visible()
    await field.fill(tag[:-1])
    await field.press("Enter")
    await page.get_by_role("navigation", name="Hashtags that begin so").get_by_role("link", name=f"#{tag}").click()
    await expect(page.get_by_role("heading", name=f"#{tag}")).to_be_visible()
    await expect(article(page, f"#{tag}")).to_be_visible()
