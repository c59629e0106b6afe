"""Two people in two browsers, on the real service."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.support.people import Person, sign_up, unused_handle
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Visiting

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

COUNTS = "query($id: ID!) { tweet(id: $id) { likeCount retweetCount replyCount quoteCount } }"
FOLLOWING = "query($handle: String!) { user(handle: $handle) { relationship { isFollowing } } }"
# Headings for somebody whose followees are silent, and for somebody who follows nobody.
EMPTY_HOME = re.compile("^(A quiet tree|Welcome, .+)$")
REFUSED = '{"data": null, "errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]}'


async def test_tweet_here_appears_there_and_so_does_its_end(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    here, there = await visiting(alice), await visiting(bob)
    await expect(there.page.get_by_role("heading", name="A quiet tree")).to_be_visible()

    await write(here.page, "Hello, rooks! #first")
    await expect(article(here.page, "Hello, rooks!")).to_be_visible()
    await there.page.get_by_role("button", name="1 new tweet").click()
    await expect(article(there.page, "Hello, rooks!")).to_be_visible()
    assert await there.page.locator("article.tweet").count() == 1

    await article(there.page, "Hello, rooks!").get_by_role("button", name="Like, 0 likes").click()
    await expect(article(here.page, "Hello, rooks!").get_by_role("button", name="Like, 1 like")).to_be_visible()
    await expect(here.page.get_by_role("link", name="Notifications 2 unread")).to_be_visible()

    await article(here.page, "Hello, rooks!").get_by_role("button", name="More").click()
    await here.page.get_by_role("menuitem", name="Delete").click()
    await here.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(article(here.page, "Hello, rooks!")).to_have_count(0)
    await expect(article(there.page, "Hello, rooks!")).to_have_count(0)


async def test_reply_quote_retweet_and_bookmark(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    tweet_id = await alice.post("What did you see?")
    await service.settle()
    page = (await visiting(bob)).page
    shown = page.locator("article.tweet", has_text="What did you see?", has_not_text="Look at this.")

    await shown.get_by_role("button", name="Reply, 0 replies").click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("Three herons.")
    await page.keyboard.press("Control+Enter")
    await expect(shown.get_by_role("button", name="Reply, 1 reply")).to_be_visible()
    await shown.get_by_role("button", name="Retweet, 0 retweets").click()
    await page.get_by_role("menuitem", name="Retweet", exact=True).click()
    await expect(shown.get_by_role("button", name="Retweet, 1 retweet, retweeted by you")).to_be_visible()
    await shown.get_by_role("button", name="Retweet, 1 retweet").click()
    await page.get_by_role("menuitem", name="Quote").click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("Look at this.")
    await page.get_by_role("dialog").get_by_role("button", name="Tweet", exact=True).click()
    await expect(article(page, "Look at this.").locator(".quoted")).to_contain_text("What did you see?")
    await shown.get_by_role("button", name="Bookmark").click()
    counts = {"likeCount": 0, "retweetCount": 1, "replyCount": 1, "quoteCount": 1}
    await eventually(lambda: counted(bob, tweet_id, counts))

    await page.get_by_role("link", name="Bookmarks").click()
    await expect(article(page, "What did you see?")).to_be_visible()
    await article(page, "What did you see?").click()
    await expect(page.get_by_role("heading", name="Tweet", exact=True)).to_be_focused()
    await expect(article(page, "Three herons.")).to_be_visible()


async def test_mentions_and_hashtags_are_completed_while_writing(service: Service, visiting: Visiting) -> None:
    # Nobody else in this database has such names.
    alice, bob = await friends(service, "mentio")
    tag = unused_handle("frost")
    await alice.post(f"Cold. #{tag}")
    await service.settle()
    page = (await visiting(bob)).page
    await expect(article(page, f"#{tag}")).to_be_visible()
    field, suggestions = page.get_by_role("main").get_by_role("textbox"), page.get_by_role("listbox")
    await field.press_sequentially(f"Cold here, too: #{tag[:-1]}")
    await expect(suggestions.get_by_role("option", name=f"#{tag}", selected=True)).to_be_visible()
    await field.press("Enter")
    await expect(field).to_have_value(f"Cold here, too: #{tag} ")
    await expect(suggestions).to_have_count(0)
    await field.press_sequentially(f"@{alice.handle[:-1]}")
    await suggestions.get_by_role("option", name=f"@{alice.handle}").click()
    await expect(field).to_have_value(f"Cold here, too: #{tag} @{alice.handle} ")
    await field.press_sequentially(f"#{tag[:3]}")
    await expect(suggestions).to_be_visible()
    await field.press("Escape")
    await expect(suggestions).to_have_count(0)
    await expect(field).to_have_value(f"Cold here, too: #{tag} @{alice.handle} #{tag[:3]}")


async def test_refused_act_is_undone_in_the_page(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.post("Try to like me")
    await service.settle()
    page = (await visiting(bob)).page
    shown = article(page, "Try to like me")
    await expect(shown).to_be_visible()
    await page.route("**/graphql", refuse("Like", "Post"))

    await shown.get_by_role("button", name="Like, 0 likes").click()
    await expect(page.get_by_text("You may not do that.")).to_be_visible()
    await expect(shown.get_by_role("button", name="Like, 0 likes")).to_have_attribute("aria-pressed", "false")
    await write(page, "Never to be seen")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("textbox")).to_have_value("Never to be seen")
    await expect(dialog.get_by_role("alert")).to_have_text("You may not do that.")
    await expect(article(page, "Never to be seen")).to_have_count(0)


async def test_what_is_refused_waits_for_who_writes_something_else(service: Service, visiting: Visiting) -> None:
    page = (await visiting(await sign_up(service, "alice"))).page
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    may_answer = asyncio.Event()
    refusing = refuse("Post")

    async def answer_later(route: Route) -> None:
        if "mutation Post(" in (route.request.post_data or ""):
            await may_answer.wait()
        await refusing(route)

    await page.route("**/graphql", answer_later)
    await write(page, "First words")
    await expect(article(page, "First words")).to_be_visible()
    await page.get_by_role("button", name="Tweet", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("Other words")
    may_answer.set()
    await expect(article(page, "First words")).to_have_count(0)
    await expect(dialog.get_by_role("textbox")).to_have_value("Other words")
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog.get_by_role("textbox")).to_have_value("First words")
    await expect(dialog.get_by_role("alert")).to_have_text("You may not do that.")


async def test_follow_request_is_accepted_in_the_page(service: Service, visiting: Visiting) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    page = (await visiting(alice, "/settings/privacy")).page
    await page.get_by_role("switch", name="Protect my tweets").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await alice.post("For friends alone")

    there = (await visiting(bob, f"/people/{alice.handle}")).page
    await expect(there.get_by_text("These tweets are protected")).to_be_visible()
    await there.get_by_role("main").get_by_role("button", name=f"Follow @{alice.handle}").click()
    await expect(there.get_by_role("main").get_by_role("button", name=f"Requested @{alice.handle}")).to_be_visible()
    await page.get_by_role("link", name="Notifications 1 unread").click()
    await page.get_by_role("article", name=re.compile("asked to follow you")).click()
    await page.get_by_role("button", name="Accept").click()
    await eventually(lambda: is_following(bob, alice))
    await service.settle()
    await there.goto(there.url)
    await expect(article(there, "For friends alone")).to_be_visible()


async def friends(service: Service, name: str = "alice") -> tuple[Person, Person]:
    """Two people; the second follows the first, whose handle begins with `name`."""
    alice, bob = await sign_up(service, name), await sign_up(service, "bob")
    await bob.follow(alice)
    await service.settle()
    return alice, bob


def article(page: Page, text: str) -> Locator:
    return page.locator("article.tweet", has_text=text)


async def write(page: Page, text: str) -> None:
    await page.get_by_role("main").get_by_role("textbox").first.fill(text)
    await page.get_by_role("main").get_by_role("button", name="Tweet", exact=True).click()


async def is_following(follower: Person, followee: Person, *, is_wanted: bool = True) -> bool:
    user = (await follower.ask(FOLLOWING, handle=followee.handle))["user"]
    return bool(user["relationship"]["isFollowing"]) is is_wanted


async def counted(person: Person, tweet_id: str, counts: dict[str, int]) -> bool:
    return bool((await person.ask(COUNTS, id=tweet_id))["tweet"] == counts)


def refuse(*names: str) -> Callable[[Route], Awaitable[None]]:
    """Answers the operations of these names with an error."""

    async def answer(route: Route) -> None:
        query: str = (route.request.post_data_json or {})["query"]
        if any(query.startswith(f"mutation {name}(") for name in names):
            await route.fulfill(body=REFUSED, content_type="application/json")
        else:
            await route.continue_()

    return answer
