"""Audits of the page: accessibility, size, content security policy, and the same tweet weight as the server."""

import random
from typing import Any

import pytest
from playwright.async_api import Page, expect

from core.text.tables.emoji import FLAGS, JOINED
from core.text.weight import weighted_length
from tests.clients.packages import installed_file
from tests.support.people import Person, sign_up
from tests.support.service import Service
from tests.web.chromium import DESKTOP, PHONE
from tests.web.conftest import Visiting
from tools.webtables import TABLES, tables

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

MOST_BYTES = 150_000
LOOKS = [(DESKTOP, "light"), (PHONE, "dark")]
VIEWS = (
    *("/", "/?order=top", "/explore", "/notifications", "/bookmarks", "/campaigns", "/campaigns/new"),
    *("/search?q=frost", "/search?q=ada&in=people", "/people/ada_rook", "/people/ada_rook/followers"),
    *("/hashtags/firstfrost", "/settings/privacy", "/settings/muted", "/settings/notifications"),
    *("/settings/profile", "/settings/sessions", "/settings/decisions", "/settings/account", "/requests"),
    *("/moderation", "/appeal"),
)
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
PIECES = (
    *("hello ", "http://", "https://", "example", ".com", ".co.uk", "/path(a)", "?q=1&b", "#tag", "@me", "日本", "\n"),
    *(
        "😀",
        "👨‍👩‍👧",
        "🇩🇪",
        "1\ufe0f\u20e3",
        "☺\ufe0f",
        "👍🏽",
        ".",
        "-",
        "_",
        " ",
        ":80",
        "t.co/abc",
        "xn--a",
        "münchen",
    ),
    *(".de", "みんな", "#", "\uff03", "@", "e\u0301", "~", "(", ")", "\u2013", "한국", ".рф", "." + "a" * 64, "x" * 60),
    *(
        "$",
        "ü" * 30,
        "a_b",
        "b.co_d",
        "\x1c",
        "\u3000",
        "\u200d",
        "\ufe0f",
        "!",
        "COM",
        ".io@",
        "+",
        "🏴\U000e0067\U000e0062\U000e007f",
    ),
)
COUNT = """async texts => {
  const { weightedLength } = await import('/web/current/text/weight.js');
  return texts.map(weightedLength);
}"""
# Passed checks would be thousands of nodes.
LOOK_AT = """async rules => (await axe.run(document, rules)).violations.map(
  one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)"""
# Navigates like a link: the document stays, and axe-core in it.
GO = """path => {
  const link = Object.assign(document.createElement('a'), {href: path});
  document.body.append(link);
  link.click();
  link.remove();
}"""


async def test_tables_of_the_page_are_those_of_core() -> None:
    assert TABLES.read_text() == tables()


async def test_page_counts_characters_as_the_server_does(visiting: Visiting) -> None:
    chance = random.Random(280)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(1, 14))) for _ in range(3_000)]
    texts += ["\u200d".join(sequence) for sequence in JOINED.split()]
    texts += ["\u200d".join(f"{emoji}\ufe0f" for emoji in sequence) for sequence in JOINED.split()]
    texts += [flag.replace(":", "") for flag in FLAGS.split()]
    page = (await visiting(None, "/explore")).page
    counted = await page.evaluate(COUNT, texts)
    assert [
        (text, weight) for text, weight in zip(texts, counted, strict=True) if weight != weighted_length(text)
    ] == []


async def test_page_is_small_and_asks_its_own_server_alone(visiting: Visiting, demo_person: Person) -> None:
    visit = await visiting(demo_person, "/notifications")
    # Its own requests would be counted, too.
    await visit.page.wait_for_load_state("networkidle")
    transferred: list[int] = []
    session = await visit.page.context.new_cdp_session(visit.page)
    await session.send("Network.enable")
    await session.send("Network.clearBrowserCache")
    session.on("Network.loadingFinished", lambda event: transferred.append(int(event["encodedDataLength"])))
    await visit.open()
    await expect(visit.page.locator("article.tweet").first).to_be_visible()
    await visit.page.wait_for_load_state("networkidle")
    assert 50_000 < sum(transferred) < MOST_BYTES


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=["desktop", "phone"])
async def test_axe_finds_no_violation_in_any_view(
    visiting: Visiting, viewport: dict[str, int], scheme: str, demo_person: Person
) -> None:
    page = (await visiting(demo_person, **look(viewport, scheme))).page
    await page.evaluate(installed_file("axe-core/axe.min.js").read_text())
    found: dict[str, list[str]] = {}
    for path in VIEWS:
        await page.evaluate(GO, path)
        assert await page.evaluate("location.pathname + location.search") == path
        await expect(page.locator("main h1")).to_be_visible()
        await expect(page.locator("main > .skeletons, .settings .skeletons")).to_have_count(0)
        found[path] = await violations(page)
    await page.evaluate(GO, "/")
    await page.locator("article.tweet").first.click()
    await expect(page.locator("article.focused")).to_be_visible()
    found["thread"] = await violations(page)
    await page.keyboard.press("n")
    await expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    await page.keyboard.type("Hello @ada")
    await expect(page.get_by_role("option", name="Ada Rook")).to_be_visible()
    found["composer"] = await violations(page)
    assert {path: one for path, one in found.items() if one} == {}


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=["desktop", "phone"])
async def test_axe_finds_no_violation_before_sign_in(visiting: Visiting, viewport: dict[str, int], scheme: str) -> None:
    page = (await visiting(None, **look(viewport, scheme))).page
    await page.evaluate(installed_file("axe-core/axe.min.js").read_text())
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("heading", name="Join Rookery")).to_be_visible()
    assert await violations(page) == []


def look(viewport: dict[str, int], scheme: str) -> dict[str, Any]:
    return {"viewport": viewport, "color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}


@pytest.mark.parametrize("name", ["Escape", "j"])
async def test_keyboard_alone_is_enough(service: Service, visiting: Visiting, name: str) -> None:
    alice = await sign_up(service, "alice")
    for number in range(3):
        await alice.post(f"tweet {number}")
    page = (await visiting(alice)).page
    await expect(page.locator("article.tweet")).to_have_count(3)
    if name == "Escape":
        await page.keyboard.press("n")
        await expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
        await page.keyboard.type("words with spaces")
        await expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("words with spaces")
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    else:
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("l")
        await expect(page.locator("article.tweet").nth(1).get_by_role("button", name="Like, 1 like")).to_be_visible()
        await page.keyboard.press("g")
        await page.keyboard.press("n")
        await expect(page.get_by_role("heading", name="Notifications")).to_be_focused()


async def violations(page: Page) -> list[str]:
    """Accessibility violations of the current view, by axe-core in its document."""
    found: list[str] = await page.evaluate(LOOK_AT, RULES)
    return found
