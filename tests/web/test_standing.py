"""Relationships in the page: followers, mutes, blocks, and the profile that others see."""

import pytest
from playwright.async_api import expect

from tests.support.people import sign_up, unused_handle
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends, is_following

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

PROFILE = "{ viewer { user { name bio avatarUrl } } }"
LISTS = "{ viewer { mutedUsers { edges { node { handle } } } blockedUsers { edges { node { handle } } } } }"


async def test_followers_are_listed_and_followed_back(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    page = (await visiting(alice, f"/people/{alice.handle}")).page
    main = page.get_by_role("main")
    await main.get_by_role("link", name="1 follower").click()
    card = main.get_by_role("article", name=f"bob, @{bob.handle}")
    await expect(card.get_by_text("Follows you")).to_be_visible()
    await card.get_by_role("button", name=f"Follow @{bob.handle}").click()
    await expect(card.get_by_role("button", name=f"Following @{bob.handle}")).to_be_visible()
    await eventually(lambda: is_following(alice, bob))

    await main.get_by_role("link", name="Following", exact=True).click()
    await expect(main.get_by_role("article")).to_have_count(1)
    await card.get_by_role("button", name=f"Following @{bob.handle}").click()
    await expect(card.get_by_role("button", name=f"Follow @{bob.handle}")).to_be_visible()
    await eventually(lambda: is_following(alice, bob, is_wanted=False))


async def test_known_followers_are_named_on_a_profile_and_listed(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    carol = await sign_up(service, "carol")
    await carol.follow(bob)
    await service.settle()
    page = (await visiting(carol, f"/people/{alice.handle}")).page
    await page.get_by_role("link", name="Followed by bob, whom you follow").click()
    await expect(page.get_by_role("main").get_by_role("article", name=f"bob, @{bob.handle}")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("article")).to_have_count(1)


async def test_muted_person_is_not_heard_of_till_settings_end_it(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.post("before the mute")
    await service.settle()
    page = (await visiting(bob)).page
    await article(page, "before the mute").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=f"Mute @{alice.handle}").click()
    await expect(page.get_by_text(f"@{alice.handle} is muted.")).to_be_visible()
    await expect(page.locator("article.tweet")).to_have_count(0)
    await alice.post("while muted")
    await bob.post("of my own")
    await expect(article(page, "of my own")).to_be_visible()
    await expect(page.get_by_role("button", name="new tweet")).to_have_count(0)

    await page.goto(f"{service.url}/people/{alice.handle}")
    await expect(page.get_by_role("main").get_by_text("Muted", exact=True)).to_be_visible()
    await page.goto(f"{service.url}/settings/muted")
    await page.get_by_role("main").get_by_role("button", name="Unmute").click()
    await expect(page.get_by_text("You mute nobody.")).to_be_visible()
    await page.goto(service.url)
    await expect(article(page, "while muted")).to_be_visible()
    assert await bob.ask(LISTS) == {"viewer": {"mutedUsers": {"edges": []}, "blockedUsers": {"edges": []}}}


async def test_blocked_person_sees_nothing_till_settings_end_it(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.post("for whom I like")
    await service.settle()
    there = (await visiting(bob)).page
    await expect(article(there, "for whom I like")).to_be_visible()
    page = (await visiting(alice, f"/people/{bob.handle}")).page
    main = page.get_by_role("main")
    await main.get_by_role("button", name="More about this account").click()
    await page.get_by_role("menuitem", name=f"Block @{bob.handle}").click()
    await expect(main.get_by_role("button", name="Unblock", exact=True)).to_be_visible()
    await expect(main.get_by_text("Follows you")).to_have_count(0)
    await expect(article(there, "for whom I like")).to_have_count(0)
    assert not await is_following(bob, alice)

    await page.goto(f"{service.url}/settings/privacy")
    await main.get_by_role("article", name=f"bob, @{bob.handle}").get_by_role("button", name="Unblock").click()
    await expect(page.get_by_text("You block nobody.")).to_be_visible()
    await there.goto(f"{service.url}/people/{alice.handle}")
    await expect(article(there, "for whom I like")).to_be_visible()
    await expect(there.get_by_role("main").get_by_role("button", name=f"Follow @{alice.handle}")).to_be_visible()


async def test_profile_that_is_changed_in_settings_is_what_others_see(service: Service, visiting: Visiting) -> None:
    alice, name = await sign_up(service, "alice"), unused_handle("Rook")
    page = (await visiting(alice, "/settings/profile")).page
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("About you").fill("Nests, mostly.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(page.get_by_role("button", name=f"Account: {name} @{alice.handle}")).to_be_visible()
    there = (await visiting(await sign_up(service, "bob"), f"/people/{alice.handle}")).page
    await expect(there.get_by_role("heading", name=name)).to_be_visible()
    await expect(there.get_by_role("main").get_by_text("Nests, mostly.")).to_be_visible()
    saved = {"name": name, "bio": "Nests, mostly.", "avatarUrl": None}
    assert await alice.ask(PROFILE) == {"viewer": {"user": saved}}
