"""Settings in the page: muted words, notifications, sessions, campaigns; and the reasons of items shown."""

import re
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.support.people import PASSWORD, Person, sign_up
from tests.support.scenarios.notifications import LIKE
from tests.support.scenarios.scoped_tokens import TOKENS
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import LOGIN, Visiting
from tests.web.test_people import article, friends

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

VIEWER = "{ viewer { user { handle } } }"
PREFERENCES = "{ viewer { notificationPreferences { kind audience } } }"


async def test_muted_word_keeps_tweets_out_till_it_is_taken_back(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    page = (await visiting(bob, "/settings/muted")).page
    word = page.get_by_label("Word, phrase, #hashtag or @handle")
    await word.fill("herons")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("button", name="Unmute “herons”")).to_be_visible()
    await expect(word).to_have_value("")
    await alice.post("Nothing but herons")
    await alice.post("Nothing but owls")
    await service.settle()
    await page.goto(service.url)
    await expect(article(page, "Nothing but owls")).to_be_visible()
    await expect(page.locator("article.tweet")).to_have_count(1)

    await page.goto(f"{service.url}/settings/muted")
    await page.get_by_role("button", name="Unmute “herons”").click()
    await expect(page.locator(".chips li")).to_have_count(0)
    assert await bob.ask("{ viewer { mutedWords } }") == {"viewer": {"mutedWords": []}}


async def test_audience_is_chosen_for_each_kind_of_notification(service: Service, visiting: Visiting) -> None:
    alice, stranger = await sign_up(service, "alice"), await sign_up(service, "stranger")
    tweet_id = await alice.post("Like or answer me")
    page = (await visiting(alice, "/settings/notifications")).page
    likes = page.get_by_label("Likes", exact=True)
    await expect(likes).to_have_value("EVERYONE")
    await likes.select_option("People I follow")
    chosen = {"kind": "LIKE", "audience": "FOLLOWING"}
    await eventually(lambda: is_preferred(alice, chosen))
    await stranger.act(LIKE, id=tweet_id)
    await stranger.post("An answer", inReplyTo=tweet_id)
    await page.get_by_role("link", name="Notifications 1 unread").click()
    await expect(page.locator("main article")).to_have_count(1)
    await expect(article(page, "An answer")).to_be_visible()
    await page.goto(f"{service.url}/settings/notifications")
    await expect(likes).to_have_value("FOLLOWING")


async def test_session_that_is_ended_in_settings_leaves_its_page(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    signed_in = await service.ask(LOGIN, {"login": alice.handle, "password": PASSWORD})
    tokens: dict[str, str] = signed_in["data"]["login"]["tokens"]
    elsewhere = Person(service, alice.id, alice.handle, tokens["accessToken"], tokens["refreshToken"])
    there = (await visiting(elsewhere)).page
    await expect(there.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    page = (await visiting(alice, "/settings/sessions")).page
    sessions = page.locator(".sessions li")
    await expect(sessions).to_have_count(2)
    await expect(sessions.filter(has_text="This one")).to_have_count(1)
    await sessions.get_by_role("button", name="End").click()
    await expect(sessions).to_have_count(1)
    await expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await alice.ask(VIEWER) == {"viewer": {"user": {"handle": alice.handle}}}


async def test_token_is_made_in_settings_shown_once_and_revoked(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(alice, "/settings/tokens")).page
    await expect(page.get_by_text("You have no tokens.")).to_be_visible()
    await page.get_by_label("What it is for").fill("My bot")
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_text("A token needs one scope at least.")).to_be_visible()
    await page.get_by_label("Read notifications", exact=True).check()
    await page.get_by_label("Origin of its page").fill("https://shop.example/")
    await page.get_by_role("button", name="Make a token").click()
    secret = await page.get_by_role("dialog").locator("code").text_content()
    bot = replace(alice, token=secret or "")
    assert await bot.failed(VIEWER) == ["FORBIDDEN"]
    await page.get_by_role("button", name="Close").click()
    (token,) = (await alice.ask(TOKENS))["viewer"]["accessTokens"]
    made = (token["name"], token["scopes"], token["origin"])
    assert made == ("My bot", ["READ_NOTIFICATIONS"], "https://shop.example")

    row = page.locator(".sessions li").filter(has_text="My bot")
    await expect(row).to_contain_text("https://shop.example")
    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("You have no tokens.")).to_be_visible()
    assert (await alice.ask(TOKENS))["viewer"]["accessTokens"] == []


async def test_top_says_of_each_tweet_why_it_stands_there(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.post("Why me?")
    await service.settle()
    page = (await visiting(bob)).page
    await expect(article(page, "Why me?")).to_be_visible()
    await expect(page.get_by_text("Why am I seeing this?")).to_have_count(0)
    await page.get_by_role("link", name="Top").click()
    await article(page, "Why me?").get_by_text("Why am I seeing this?").click()
    why = article(page, "Why me?").get_by_role("table", name=re.compile(r"Its score is \d+\.\d\d:"))
    await expect(why.get_by_role("row", name=re.compile(r"How new it is \+\d+\.\d\d"))).to_be_visible()


async def test_campaign_is_ordered_and_paused_in_the_page(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    await alice.post("Buy more moss")
    page = (await visiting(alice)).page
    await article(page, "Buy more moss").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Promote").click()
    await expect(page.get_by_role("main").locator(".quoted")).to_contain_text("Buy more moss")
    budget = page.get_by_label("Budget in dollars")
    await budget.fill("0.01")
    await page.get_by_label("Bid in dollars").fill("2")
    await page.get_by_role("button", name="Start the campaign").click()
    await expect(page.locator("main .status")).to_have_text("Active")
    await expect(page.get_by_text("$2.00 per thousand impressions")).to_be_visible()
    await expect(page.get_by_text("$0.00 of $0.01")).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await expect(page.locator("main .status")).to_have_text("Paused")


async def is_preferred(person: Person, preference: dict[str, str]) -> bool:
    return preference in (await person.ask(PREFERENCES))["viewer"]["notificationPreferences"]
