"""Anonymous visitors: the pages that they find, signing in, and the page shown afterwards."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.people import PASSWORD, Person, sign_up, unused_handle
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.chromium import PHONE
from tests.web.conftest import Visiting
from tests.web.test_people import article, counted

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

FOLLOWERS = "{ viewer { user { followers { edges { node { handle } } } } } }"


async def test_address_of_no_tweet_is_not_found(visiting: Visiting) -> None:
    visit = await visiting(None, "/tweets/xyz")
    page = visit.page
    await expect(page.get_by_role("heading", name="This tweet is not here")).to_be_visible()
    await page.goto(f"{page.url}/likes")
    await expect(page.get_by_role("heading", name="This tweet is not here")).to_be_visible()
    await expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    for path in ("/tweets/xyz", "/tweets/xyz/likes"):
        visit.forgive_absence(path)


async def test_like_is_done_once_one_has_signed_in_and_one_is_where_one_was(
    service: Service, visiting: Visiting
) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    tweet_id = await alice.post("Like me from a phone")
    page = (await visiting(None, f"/tweets/{tweet_id}", viewport=PHONE, has_touch=True)).page
    bar = page.get_by_role("banner")
    await expect(bar.get_by_role("link", name="Sign in")).to_be_in_viewport()
    await expect(bar.get_by_role("link", name="Sign up")).to_be_in_viewport()
    await article(page, "Like me from a phone").get_by_role("button", name="Like, 0 likes").click()
    # It is kept with the address.
    await page.reload()
    await sign_in(page, bob)
    await expect(article(page, "Like me from a phone").get_by_role("button", name="Like, 1 like")).to_be_visible()
    assert page.url.endswith(f"/tweets/{tweet_id}")
    counts = {"likeCount": 1, "retweetCount": 0, "replyCount": 0, "quoteCount": 0}
    await eventually(lambda: counted(bob, tweet_id, counts))
    await expect(bar.get_by_role("link", name="Sign in")).to_have_count(0)


async def test_who_signs_up_to_follow_somebody_follows_them(service: Service, visiting: Visiting) -> None:
    alice, free = await sign_up(service, "alice"), unused_handle("carol")
    visit = await visiting(None, f"/people/{alice.handle}")
    page = visit.page
    await page.get_by_role("banner").get_by_role("link", name="Sign up").click()
    await expect(page.get_by_role("heading", name="Join Rookery")).to_be_visible()
    await page.go_back()
    await page.get_by_role("main").get_by_role("button", name="Follow").click()
    await page.get_by_role("button", name="Sign up").click()
    typed = {"Name": "Carol Crow", "Handle": free, "E-mail address": f"{free}@example.org", "Password": PASSWORD}
    for label, text in typed.items():
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("button", name="Sign up").click()
    following = page.get_by_role("main").get_by_role("button", name=f"Following @{alice.handle}")
    await expect(following).to_be_visible()
    assert page.url.endswith(f"/people/{alice.handle}")
    edges = (await alice.ask(FOLLOWERS))["viewer"]["user"]["followers"]["edges"]
    assert edges == [{"node": {"handle": free}}]


async def test_sign_in_at_a_private_place_leads_there(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(None, "/settings/muted")).page
    await sign_in(page, alice)
    await expect(page.get_by_role("heading", name="Muted words")).to_be_visible()
    await expect(page).to_have_url(re.compile("/settings/muted$"))


async def sign_in(page: Page, person: Person) -> None:
    await page.get_by_label("Handle or e-mail address").fill(person.handle)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
