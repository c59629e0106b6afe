"""Edits in the page: shown live elsewhere, with what the tweet said before; a refused one is open again."""

import pytest
from playwright.async_api import expect

from tests.support.pictures import png, ready
from tests.support.service import Service
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends, refuse

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

NOW = """query($id: ID!) { tweet(id: $id) {
  text contentWarning media { id } revisions(first: 5) { edges { node { text } } } } }"""


async def test_edit_here_shows_there_with_what_was_said_before(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    picture = await ready(alice, png())
    tweet_id = await alice.post("Two herons", media=[picture["id"]])
    await bob.post("See them", quoted=tweet_id)
    await service.settle()
    here, there = (await visiting(alice)).page, (await visiting(bob)).page
    await expect(there.locator("article.tweet")).to_have_count(2)
    await article(here, "Two herons").get_by_role("button", name="More").click()
    await here.get_by_role("menuitem", name="Edit").click()
    dialog = here.get_by_role("dialog", name="Edit tweet")
    await expect(dialog.get_by_role("textbox", name="Edit tweet")).to_have_value("Two herons")
    await dialog.get_by_role("textbox", name="Edit tweet").fill("Three herons")
    await dialog.get_by_role("button", name="Content warning").click()
    await dialog.get_by_role("textbox", name="Warning shown before it").fill("Birds")
    await dialog.get_by_role("button", name="Save").click()
    await expect(here.get_by_text("Your tweet is changed.")).to_be_visible()
    tweet = (await bob.ask(NOW, id=tweet_id))["tweet"]
    assert (tweet["text"], tweet["contentWarning"]) == ("Three herons", "Birds")
    assert [media["id"] for media in tweet["media"]] == [picture["id"]]
    assert [edge["node"]["text"] for edge in tweet["revisions"]["edges"]] == ["Two herons"]

    shown = article(there, "Birds").filter(has_not_text="See them")
    await shown.get_by_role("button", name="Show").click()
    await expect(shown.get_by_text("Three herons")).to_be_visible()
    await there.reload()
    quoted = article(there, "See them").locator(".quoted")
    await expect(quoted).to_contain_text("an earlier version")
    await expect(quoted).to_contain_text("Two herons")
    await expect(quoted.locator("span.picture img")).to_have_count(1)
    await shown.get_by_role("link", name="edited").click()
    await expect(there.get_by_role("heading", name="Earlier versions")).to_be_visible()
    await expect(there.locator("article.revision")).to_have_count(1)
    await expect(there.locator("article.revision")).to_contain_text("Two herons")


async def test_refused_edit_is_open_again_and_forgotten_once_closed(service: Service, visiting: Visiting) -> None:
    alice, _ = await friends(service)
    await alice.post("Two owls")
    await service.settle()
    page = (await visiting(alice)).page
    await page.route("**/graphql", refuse("Edit"))
    await article(page, "Two owls").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Edit").click()
    field = page.get_by_role("dialog").get_by_role("textbox", name="Edit tweet")
    await field.fill("Three owls")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("You may not do that.")
    await expect(field).to_have_value("Three owls")
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(article(page, "Two owls")).to_be_visible()
    await article(page, "Two owls").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Edit").click()
    await expect(field).to_have_value("Two owls")
