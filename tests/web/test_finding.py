"""Live search results and trends in the page, and unknown addresses."""

import pytest
from playwright.async_api import expect

from tests.support.people import sign_up, unused_handle
from tests.support.service import Service
from tests.web.conftest import Visiting
from tests.web.test_people import article

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

USES_THAT_TREND = 5


async def test_search_announces_what_a_stranger_writes(service: Service, visiting: Visiting) -> None:
    alice, stranger = await sign_up(service, "alice"), await sign_up(service, "stranger")
    word = unused_handle("heron")
    await stranger.post(f"{word} before")
    page = (await visiting(alice, f"/search?q={word}")).page
    await expect(article(page, f"{word} before")).to_be_visible()

    await stranger.post(f"{word} one")
    await expect(page.get_by_role("button", name="1 new result")).to_be_visible()
    await stranger.post("nothing to do with it")
    await stranger.post(f"two {word}")
    await page.get_by_role("button", name="2 new results").click()
    await expect(page.get_by_role("button", name="new result")).to_have_count(0)
    texts = await page.locator("article.tweet .text").all_inner_texts()
    assert texts == [f"two {word}", f"{word} one", f"{word} before"]


async def test_search_without_a_word_says_what_to_do(visiting: Visiting) -> None:
    page = (await visiting(None, "/search")).page
    await expect(page.get_by_text("Type what you look for.")).to_be_visible()
    await page.get_by_role("link", name="People", exact=True).click()
    await expect(page.get_by_text("Type what you look for.")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_explore_shows_what_trends_as_soon_as_it_does(service: Service, visiting: Visiting) -> None:
    people = [await sign_up(service, "crow") for _ in range(USES_THAT_TREND)]
    tag = unused_handle("sleet")
    page = (await visiting(people[0], "/explore")).page
    await expect(page.get_by_role("main").get_by_role("combobox", name="Search")).to_be_visible()
    # The stream tells of another order, not of another count: it begins with the fifth person.
    await people[0].post(f"Still cold. #{tag}")
    for person in people:
        await person.post(f"Cold. #{tag}")

    trend = page.get_by_role("link", name=f"#{tag} 6 tweets by 5 people")
    await trend.click()
    await expect(page.get_by_text("6 uses in 24 hours")).to_be_visible()
    await expect(page.locator("article.tweet")).to_have_count(USES_THAT_TREND + 1)


@pytest.mark.parametrize("path", ["/nonsense", "/people/%E0%A4"], ids=["unknown", "malformed"])
async def test_address_without_a_view_is_told_from_the_others(visiting: Visiting, path: str) -> None:
    visit = await visiting(None, path)
    await expect(visit.page.get_by_text("There is no page at this address.")).to_be_visible()
    await expect(visit.page).to_have_title("Nothing here · Rookery")
    # The browser itself logs the document's status.
    visit.complaints = [text for text in visit.complaints if f"{path})" not in text]
    await visit.page.get_by_role("link", name="Explore").click()
    await expect(visit.page.get_by_role("heading", name="Explore")).to_be_visible()
