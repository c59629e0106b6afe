"""Connections of the page: resuming, restarting, live counts, and one session for several tabs."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, WebSocket, expect

from tests.support.people import Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Stack, Visiting, session_of
from tests.web.test_people import article, friends, write

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

SESSIONS = "{ viewer { sessions { id } } }"
# A minute without messages, then the page becomes visible again.
SLEEP = """() => {
  const now = Date.now;
  Date.now = () => now() + 60_000;
  document.dispatchEvent(new Event('visibilitychange'));
}"""
HIDE = """isHidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
OUT_OF_REACH = "The server does not answer. Check the connection, then try again."
CAMPAIGN = """mutation($input: CreateCampaignInput!) { createCampaign(input: $input) {
  campaign { id } userErrors { message } } }"""
PROMOTED = "{ homeTimeline { edges { node { ... on PromotedTweet { tweet { id } } } } } }"
FIGURES = "query($id: ID!) { node(id: $id) { ... on Campaign { impressions clicks } } }"


async def test_page_goes_on_where_it_was_when_the_server_comes_back(stack: Stack, visiting: Visiting) -> None:
    service = stack.service
    alice, bob = await friends(service)
    visit = await visiting(bob)
    page = visit.page
    await alice.post("before the outage")
    await page.get_by_role("button", name="1 new tweet").click()

    await stack.stop()
    await expect(page.get_by_text("Connection lost. Trying again …")).to_be_visible()
    await stack.start()
    for number in range(3):
        await alice.post(f"after the outage {number}")
    await expect(page.get_by_text("Back, and nothing was missed.")).to_be_visible()
    await page.get_by_role("button", name="3 new tweets").click()
    await expect(page.locator("article.tweet")).to_have_count(4)
    texts = await page.locator("article.tweet .text").all_inner_texts()
    assert texts == [*(f"after the outage {number}" for number in (2, 1, 0)), "before the outage"]
    visit.forgive_outage()


async def test_what_is_written_offline_is_kept_till_it_can_be_sent(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    visit = await visiting(alice)
    page = visit.page
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline. What you see may be old.")).to_be_visible()
    await write(page, "Out of reach")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("alert")).to_have_text(OUT_OF_REACH)
    await expect(dialog.get_by_role("textbox")).to_have_value("Out of reach")
    await expect(page.locator("article.tweet")).to_have_count(0)

    await page.context.set_offline(False)
    await expect(page.get_by_text("Back, and nothing was missed.")).to_be_visible()
    await dialog.get_by_role("button", name="Tweet", exact=True).click()
    await expect(article(page, "Out of reach")).to_be_visible()
    await expect(dialog).to_have_count(0)
    # The page shows the tweet before the server has answered.
    await expect(page.get_by_text("Your tweet is out.")).to_be_visible()
    await service.settle()
    assert await alice.home_texts() == ["Out of reach"]
    visit.forgive_outage()


async def test_machine_that_slept_has_a_new_connection_and_missed_nothing(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit = await visiting(bob, "/welcome")
    sockets: list[WebSocket] = []

    # Playwright sets attributes on handlers, which built-in methods do not allow.
    def keep(socket: WebSocket) -> None:
        sockets.append(socket)

    visit.page.on("websocket", keep)
    await visit.open()
    await alice.post("before the sleep")
    await visit.page.get_by_role("button", name="1 new tweet").click()
    sockets.clear()
    await visit.page.evaluate(SLEEP)
    await eventually(lambda: len(sockets) == 1)
    await alice.post("after the sleep")
    await visit.page.get_by_role("button", name="1 new tweet").click()
    texts = await visit.page.locator("article.tweet .text").all_inner_texts()
    assert texts == ["after the sleep", "before the sleep"]


async def test_what_was_opened_offline_heals_by_itself(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    visit = await visiting(alice, "/bookmarks")
    page = visit.page
    await expect(page.get_by_role("heading", name="Nothing kept yet")).to_be_visible()
    await page.get_by_role("link", name="Home", exact=True).click()
    await page.context.set_offline(True)
    # The view's code is loaded, its list is not.
    await page.get_by_role("link", name="Bookmarks").click()
    await expect(page.get_by_role("heading", name="Out of reach")).to_be_visible()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Out of reach")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_role("heading", name="Nothing kept yet")).to_be_visible()
    await page.context.set_offline(True)
    # The view's code is not loaded either.
    await page.get_by_role("link", name="Profile").click()
    await expect(page.get_by_role("heading", name="Out of reach")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_role("main").get_by_text(f"@{alice.handle}")).to_be_visible()
    visit.forgive_outage()


async def test_what_was_opened_while_the_server_was_away_heals_by_itself(stack: Stack, visiting: Visiting) -> None:
    alice = await sign_up(stack.service, "alice")
    visit = await visiting(alice, f"/people/{alice.handle}")
    page = visit.page
    await expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()
    await stack.stop()
    await page.get_by_role("link", name="Likes").click()
    await expect(page.get_by_role("heading", name="Out of reach")).to_be_visible()
    sockets: list[WebSocket] = []

    def keep(socket: WebSocket) -> None:
        sockets.append(socket)

    page.on("websocket", keep)
    await expect(page.get_by_text("Connection lost. Trying again …")).to_be_visible()
    await stack.start()
    await expect(page.get_by_role("heading", name="No likes yet")).to_be_visible()
    await expect(page.get_by_text("Back, and nothing was missed.")).to_be_visible()
    # All streams share one backoff: 0.25 s, then 1, 2 and 4.
    assert len(sockets) <= 5
    visit.forgive_outage()


async def test_timeline_whose_past_changed_is_read_anew(service: Service, visiting: Visiting) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    await alice.post("long before you came")
    page = (await visiting(bob)).page
    await expect(page.get_by_role("heading", name="Welcome, bob")).to_be_visible()
    await bob.follow(alice)
    await expect(article(page, "long before you came")).to_be_visible()


async def test_end_of_the_list_brings_more(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    for number in range(45):
        await alice.post(f"tweet {number}")
    page = (await visiting(alice)).page
    await expect(article(page, "tweet 44")).to_be_visible()
    await eventually(lambda: scrolled_to_its_end(page), within=30.0)
    # Advertisements may be between them.
    shown = page.locator("article.tweet:not(.promoted)")
    await expect(shown).to_have_count(45)
    texts = await shown.locator(".text").all_inner_texts()
    assert texts == [f"tweet {number}" for number in reversed(range(45))]

    await article(page, "tweet 12").scroll_into_view_if_needed()
    await article(page, "tweet 12").click()
    await expect(page.get_by_role("heading", name="Tweet", exact=True)).to_be_focused()
    await page.go_back()
    await expect(article(page, "tweet 12")).to_be_in_viewport()


async def test_notifications_are_read_once_they_were_looked_at(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    page = (await visiting(alice)).page
    await expect(page.get_by_role("link", name="Notifications 1 unread")).to_be_visible()
    await bob.post(f"@{alice.handle} are you there?")
    await page.get_by_role("link", name="Notifications 2 unread").click()
    await expect(article(page, "are you there?")).to_be_visible()
    await expect(page.get_by_role("article", name="Unread: bob followed you")).to_be_visible()
    await expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Mentions").click()
    await expect(page.locator("main article")).to_have_count(1)


async def test_advertisement_counts_once_it_was_truly_seen(service: Service, visiting: Visiting) -> None:
    brand, reader = await sign_up(service, "brand"), await sign_up(service, "reader")
    tweet_id = await brand.post("Buy more sky")
    for number in range(9):
        await reader.post(f"mine {number}")
    await service.settle()
    campaign = await run_campaign(brand, tweet_id)
    await eventually(lambda: is_promoted(tweet_id, reader))

    visit = await visiting(reader, "/welcome", viewport={"width": 1280, "height": 480})
    page, recorded = visit.page, list[str]()
    page.on("request", lambda request: recorded.append(request.post_data or ""))
    await page.clock.install()
    await visit.open()
    promoted = page.locator("article.promoted")
    await expect(promoted).to_have_count(1)
    await expect(promoted).to_contain_text("Promoted by brand · shown to everybody")
    assert await figures(brand, campaign) == (0, 0)
    await page.evaluate(HIDE, True)
    await promoted.scroll_into_view_if_needed()
    await page.clock.run_for(5_000)
    assert [data for data in recorded if "recordImpressions" in data] == []
    await page.evaluate(HIDE, False)
    await promoted.scroll_into_view_if_needed()
    await eventually(lambda: are_figures(brand, campaign, (1, 0)))
    await promoted.locator(".text").click()
    await eventually(lambda: are_figures(brand, campaign, (1, 1)))
    await assert_campaign_page_shows_one_impression((await visiting(brand, f"/campaigns/{campaign}")).page)


async def assert_campaign_page_shows_one_impression(page: Page) -> None:
    await expect(page.locator(".tile", has_text="impressions").first).to_contain_text("1")
    await expect(page.locator(".days-chart")).to_be_visible()


async def test_tabs_of_one_browser_share_a_sign_in(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    await alice.post("hello from before")
    first = await visiting(alice, "/explore")
    page = first.page
    second = await page.context.new_page()
    await second.goto(f"{service.url}/explore")
    # The access token has expired and the refresh token is valid once; both tabs refresh at the same time.
    expired = session_of(alice, lasting=timedelta(seconds=-1))
    await page.evaluate("kept => localStorage.setItem('rookery.session', kept)", expired)
    await page.reload()
    await second.goto(service.url)
    await page.goto(service.url)
    await expect(article(second, "hello from before")).to_be_visible()
    await expect(article(page, "hello from before")).to_be_visible()
    kept = await page.evaluate("JSON.parse(localStorage.getItem('rookery.session')).accessToken")
    assert kept != alice.token
    assert (await service.ask(SESSIONS, token=kept))["data"]["viewer"]["sessions"]

    await page.get_by_role("button", name=f"Account: alice @{alice.handle}").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(second.get_by_role("heading", name="Sign in")).to_be_visible()


async def scrolled_to_its_end(page: Page) -> bool:
    await page.mouse.wheel(0, 20_000)
    return await page.get_by_text("That is all there is.").is_visible()


async def run_campaign(brand: Person, tweet_id: str) -> str:
    now = datetime.now(UTC)
    start, end = (now - timedelta(days=1)).isoformat(), (now + timedelta(days=30)).isoformat()
    wanted = {"tweet": tweet_id, "bidCents": 1_000_000, "budgetCents": 100_000_000, "startsAt": start, "endsAt": end}
    campaign_id: str = (await brand.act(CAMPAIGN, input=wanted))["campaign"]["id"]
    return campaign_id


async def is_promoted(tweet_id: str, reader: Person) -> bool:
    edges = (await reader.ask(PROMOTED))["homeTimeline"]["edges"]
    return {"tweet": {"id": tweet_id}} in [edge["node"] for edge in edges]


async def figures(brand: Person, campaign: str) -> tuple[int, int]:
    node = (await brand.ask(FIGURES, id=campaign))["node"]
    return node["impressions"], node["clicks"]


async def are_figures(brand: Person, campaign: str, expected: tuple[int, int]) -> bool:
    return await figures(brand, campaign) == expected
