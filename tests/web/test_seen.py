"""Appearance and behaviour: on touch, in narrow windows, in forced colours, in each theme, in the title."""

import pytest
from playwright.async_api import Page, expect

from tests.support.people import PASSWORD, sign_up
from tests.support.scenarios.notifications import LIKE
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.chromium import PHONE
from tests.web.conftest import LOGIN, Visiting
from tests.web.test_people import article, friends
from tests.web.test_tabs import TURN

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
RENAME = """mutation($name: String!) { updateProfile(input: {name: $name}) { user { id } userErrors { message } } }"""
SESSIONS = "{ viewer { sessions { isCurrent } } }"
WIDTH = "element => element.getBoundingClientRect().width"
PAPER = "getComputedStyle(document.body).backgroundColor"
BEHIND = "getComputedStyle(document.documentElement).backgroundColor"
MARK = "getComputedStyle(document.querySelector('.tabs [aria-current]'), '::after').backgroundColor"
LIGHT, DARK = "rgb(244, 241, 233)", "rgb(15, 19, 28)"
# Both circles of the sun and the words, as they lie in the window.
SUN_IS_CLEAR = """() => {
  const sun = document.querySelector('.sun').getBoundingClientRect();
  const words = document.querySelector('.hero-words p').getBoundingClientRect();
  return sun.top >= words.bottom || sun.left >= words.right;
}"""

# As in a page that is told late: first of a moment in which the element was not in sight.
TOLD_LATE = """globalThis.IntersectionObserver = class extends IntersectionObserver {
  constructor(tell, options) {
    const before = { isIntersecting: false, intersectionRatio: 0, intersectionRect: { height: 0 } };
    super((entries) => tell([before, ...entries]), options);
  }
};"""


async def test_tapped_follow_does_not_stay_red(service: Service, visiting: Visiting) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    page = (await visiting(bob, f"/people/{alice.handle}", **TOUCH)).page
    await page.get_by_role("main").get_by_role("button", name=f"Follow @{alice.handle}").tap()
    following = page.get_by_role("main").get_by_role("button", name=f"Following @{alice.handle}")
    await expect(following).to_have_text("Following", use_inner_text=True)


async def test_long_name_leaves_some_of_the_handle(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.act(RENAME, name="A name of as many letters as names may have, 50 al")
    await alice.post("Who wrote this?")
    await service.settle()
    page = (await visiting(bob, **TOUCH)).page
    handle = article(page, "Who wrote this?").locator(".by .handle")
    await expect(handle).to_be_visible()
    assert await handle.evaluate(WIDTH) >= 50
    assert await article(page, "Who wrote this?").locator(".by .name").evaluate(WIDTH) >= 100


async def test_current_tab_of_settings_is_in_sight_on_a_phone(service: Service, visiting: Visiting) -> None:
    page = (await visiting(await sign_up(service, "alice"), "/settings/account", **TOUCH)).page
    await expect(page.get_by_role("link", name="Account", exact=True)).to_be_in_viewport(ratio=0.99)


async def test_sun_shines_beside_the_words(visiting: Visiting) -> None:
    page = (await visiting(None, **TOUCH)).page
    await expect(page.locator(".hero-words p")).to_be_visible()
    assert await page.evaluate(SUN_IS_CLEAR)


async def test_edge_beside_the_page_is_dark_behind_a_dialog(service: Service, visiting: Visiting) -> None:
    page = (await visiting(await sign_up(service, "alice"))).page
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    assert await page.evaluate(BEHIND) == LIGHT
    await page.keyboard.press("n")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.evaluate(BEHIND) != LIGHT


async def test_toast_goes_by_itself_but_not_from_under_a_pointer(service: Service, visiting: Visiting) -> None:
    visit = await visiting(await sign_up(service, "alice"), "/welcome")
    page = visit.page
    await page.clock.install()
    await visit.open()
    await page.get_by_role("main").get_by_role("textbox").fill("Said")
    await page.get_by_role("main").get_by_role("button", name="Tweet", exact=True).click()
    toast = page.locator(".toast", has_text="Your tweet is out.")
    await toast.hover()
    await page.clock.run_for(20_000)
    await expect(toast).to_be_visible()
    await page.mouse.move(5, 5)
    await page.clock.run_for(6_500)
    await expect(toast).to_have_count(0)


async def test_other_sessions_end_together(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    for _ in range(2):
        await service.ask(LOGIN, {"login": alice.handle, "password": PASSWORD})
    page = (await visiting(alice, "/settings/sessions")).page
    await expect(page.get_by_role("button", name="End", exact=True)).to_have_count(2)
    await page.get_by_role("button", name="End all others").click()
    await expect(page.get_by_role("dialog")).to_contain_text("2 sessions end within seconds. This one stays.")
    await page.get_by_role("dialog").get_by_role("button", name="End all others").click()
    await expect(page.get_by_role("button", name="End", exact=True)).to_have_count(0)
    assert await alice.ask(SESSIONS) == {"viewer": {"sessions": [{"isCurrent": True}]}}


async def test_busy_page_follows_the_counts_of_what_is_in_sight(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    tweet_id = await alice.post("Count me")
    await service.settle()
    visit = await visiting(bob, "/welcome")
    await visit.page.add_init_script(TOLD_LATE)
    await visit.open()
    await expect(article(visit.page, "Count me")).to_be_visible()
    await alice.act(LIKE, id=tweet_id)
    await expect(article(visit.page, "Count me").get_by_role("button", name="Like, 1 like")).to_be_visible()


async def test_current_tab_is_marked_in_forced_colours(service: Service, visiting: Visiting) -> None:
    page = (await visiting(await sign_up(service, "alice"), forced_colors="active")).page
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    assert await page.evaluate(MARK) == await colour(page, "Highlight")
    assert await page.evaluate(MARK) != await colour(page, "Canvas")


async def test_title_counts_what_is_unread_in_hidden_tabs_too(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    visit = await visiting(alice)
    await expect(visit.page).to_have_title("(1) Home · Rookery")
    other = await visit.new_tab()
    await other.goto(f"{visit.url}/explore")
    await expect(other).to_have_title("(1) Explore · Rookery")
    await visit.page.evaluate(TURN, True)
    await bob.post(f"@{alice.handle} are you there?")
    await expect(other).to_have_title("(2) Explore · Rookery")
    await expect(visit.page).to_have_title("(2) Home · Rookery")


async def test_theme_is_chosen_kept_and_shared(visiting: Visiting) -> None:
    visit = await visiting(None, "/explore", color_scheme="light")
    page = visit.page
    await expect(page.get_by_role("radio", name="Like the system")).to_be_checked()
    assert await page.evaluate(PAPER) == LIGHT
    other = await visit.new_tab()
    await other.goto(page.url)
    await page.get_by_role("radio", name="Dark").check()
    await eventually(lambda: is_paper(page, DARK))
    await eventually(lambda: is_paper(other, DARK))
    await page.reload()
    await expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    await eventually(lambda: is_paper(page, DARK))
    await page.get_by_role("radio", name="Like the system").check()
    await eventually(lambda: is_paper(page, LIGHT))
    await page.emulate_media(color_scheme="dark")
    await eventually(lambda: is_paper(page, DARK))


async def test_page_can_be_installed(visiting: Visiting) -> None:
    page = (await visiting(None, "/explore")).page
    href = await page.locator("link[rel=manifest]").get_attribute("href")
    answer = await page.request.get(f"{page.url.removesuffix('/explore')}{href}")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = await answer.json()
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Rookery", "/", "standalone")
    session = await page.context.new_cdp_session(page)
    # The browser itself reads it, under the page's policy.
    read = await session.send("Page.getAppManifest")
    assert read["url"].endswith(str(href))
    assert read["errors"] == []


async def is_paper(page: Page, wanted: str) -> bool:
    return str(await page.evaluate(PAPER)) == wanted


async def colour(page: Page, name: str) -> str:
    """As the browser computes it."""
    computed: str = await page.evaluate(
        """name => {
          const probe = document.body.appendChild(document.createElement('i'));
          probe.style.setProperty('forced-color-adjust', 'none');
          probe.style.setProperty('background-color', name);
          return getComputedStyle(probe).backgroundColor;
        }""",
        name,
    )
    return computed
