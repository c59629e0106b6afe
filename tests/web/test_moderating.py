"""Moderation in the page: a report, its decision by keys, the person's view of it with the appeal, and the answer."""

import pytest
from playwright.async_api import Page, expect

from core.roles import Role
from tests.support.people import Person, sign_up, unused_handle
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

WORDS = "You feathered fraud"
FILTERS = "{ moderation { filters(first: 100) { edges { node { kind pattern effect isOn } } } } }"
FILTER = {"kind": "WORD", "effect": "REFUSE"}


async def test_report_is_decided_by_keys_and_its_appeal_granted(service: Service, visiting: Visiting) -> None:
    alice, bob = await friends(service)
    await alice.post(WORDS)
    await service.settle()
    page = (await visiting(bob)).page
    await report(page, alice)

    desk = (await visiting(await sign_up_moderator(service), "/moderation")).page
    case = desk.locator("article.report", has_text=WORDS)
    await expect(case).to_contain_text("reported by 1 person")
    await expect(case).to_contain_text("To every newcomer.")
    await case.focus()
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("Nothing was decided about this person yet.")).to_be_visible()
    await desk.get_by_role("button", name="Back").click()
    await case.focus()
    await desk.keyboard.press("x")
    dialog = desk.get_by_role("dialog", name=f"Remove: a tweet of @{alice.handle}")
    await expect(dialog.get_by_role("button", name="Decide: Remove")).to_be_focused()
    await dialog.get_by_label("Explanation for the person").fill("Argue about birds, not about people.")
    await dialog.get_by_role("button", name="Decide: Remove").click()
    await expect(case).to_have_count(0)
    await expect(article(page, WORDS)).to_have_count(0)

    here = (await visiting(alice)).page
    await expect(article(here, WORDS)).to_contain_text("Moderators removed this tweet. You alone see it.")
    await here.get_by_role("link", name="Why?").click()
    await expect(here.get_by_text("Argue about birds, not about people.")).to_be_visible()
    await here.get_by_role("button", name="Appeal").click()
    await here.get_by_label("Why is the decision wrong?").fill("It is a line of a play.")
    await here.get_by_role("button", name="Send the appeal").click()
    await expect(here.get_by_text("It waits for an answer.")).to_be_visible()

    await desk.get_by_role("link", name="Appeals").click()
    appeal = desk.locator("article.decision", has_text="It is a line of a play.")
    await appeal.get_by_label("Answer to the person").fill("So it is.")
    await appeal.get_by_role("button", name="Grant and revoke").click()
    await expect(appeal).to_have_count(0)
    await here.reload()
    await expect(here.get_by_text("Your appeal was granted.")).to_be_visible()
    await expect(here.get_by_text("So it is.")).to_be_visible()
    await service.settle()
    await page.reload()
    await expect(article(page, WORDS)).to_be_visible()


async def test_person_is_limited_and_the_decision_taken_back_where_it_was_made(
    service: Service, visiting: Visiting
) -> None:
    alice, bob = await friends(service)
    page = (await visiting(bob, f"/people/{alice.handle}")).page
    await page.get_by_role("button", name="More about this account").click()
    await page.get_by_role("menuitem", name=f"Report @{alice.handle}").click()
    await send(page, alice, f"Report @{alice.handle}", "Spam or fraud")

    desk = (await visiting(await sign_up_moderator(service), "/moderation")).page
    case = desk.locator("article.report", has_text=f"@{alice.handle}")
    await case.get_by_role("button", name="Limit").click()
    await desk.get_by_label("How long").select_option("7 days")
    await desk.get_by_role("dialog").get_by_role("button", name="Decide: Limit").click()
    await expect(case).to_have_count(0)
    await desk.get_by_role("button", name="Undo").hover()
    here = (await visiting(alice, "/settings/decisions")).page
    told = here.get_by_role("main").get_by_role("article")
    await expect(told).to_contain_text("Your account is limited")
    await expect(told).to_contain_text("until")
    await desk.get_by_role("button", name="Undo").click()
    await expect(desk.get_by_text("Revoked. All is as it was before.")).to_be_visible()
    await here.reload()
    await expect(told).to_contain_text("Revoked")
    await expect(here.get_by_role("button", name="Appeal")).to_have_count(0)

    await desk.get_by_role("link", name="Log").click()
    await expect(desk.locator("article.log-line").first).to_be_visible()
    await here.goto(f"{service.url}/moderation")
    await expect(here.get_by_text("This room is for moderators")).to_be_visible()


async def test_admin_makes_turns_and_deletes_a_filter(service: Service, visiting: Visiting) -> None:
    admin = await sign_up_moderator(service, Role.ADMIN)
    word = unused_handle("fraud")
    page = (await visiting(admin, "/moderation/filters")).page
    await page.get_by_label("Then").select_option("Refused")
    await page.get_by_label("What", exact=True).fill(word)
    await page.get_by_role("button", name="Make a filter").click()
    switch = page.get_by_role("switch", name=word)
    await expect(switch).to_be_checked()
    assert FILTER | {"pattern": word, "isOn": True} in await filters_of(admin)
    await switch.click()
    await expect(switch).not_to_be_checked()
    assert FILTER | {"pattern": word, "isOn": False} in await filters_of(admin)
    await page.get_by_role("button", name=f"Delete the filter “{word}”").click()
    await expect(switch).to_have_count(0)
    assert word not in {one["pattern"] for one in await filters_of(admin)}


async def test_admin_gives_and_takes_a_role(service: Service, visiting: Visiting) -> None:
    admin, moderator = await sign_up_moderator(service, Role.ADMIN), await sign_up_moderator(service)
    alice = await sign_up(service, "alice")
    page = (await visiting(admin, "/moderation/roles")).page
    give = page.get_by_role("button", name="Give the role")
    await page.get_by_label("Handle").fill("nobody_at_all")
    await give.click()
    await expect(page.get_by_text("Nobody has this handle.")).to_be_visible()
    for role, said in (("MODERATOR", "Moderator"), ("MEMBER", "None")):
        await page.get_by_label("Handle").fill(f"@{alice.handle}")
        await page.get_by_label("Role", exact=True).select_option(role)
        await give.click()
        await expect(page.get_by_text(f"The role of @{alice.handle} now: {said}.")).to_be_visible()
        assert (await alice.ask("{ viewer { role } }"))["viewer"]["role"] == role
    await page.get_by_label("Handle").fill(admin.handle)
    await give.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    other = (await visiting(moderator, "/moderation")).page
    await expect(other.get_by_role("link", name="Log")).to_be_visible()
    await expect(other.get_by_role("link", name="Roles")).to_have_count(0)


async def filters_of(admin: Person) -> list[dict[str, object]]:
    edges = (await admin.ask(FILTERS))["moderation"]["filters"]["edges"]
    return [edge["node"] for edge in edges]


async def report(page: Page, author: Person) -> None:
    await article(page, WORDS).get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Report").click()
    await send(page, author, f"Report a tweet of @{author.handle}", "Abuse or harassment", "To every newcomer.")


async def send(page: Page, person: Person, title: str, reason: str, comment: str = "") -> None:
    dialog = page.get_by_role("dialog", name=title)
    await dialog.get_by_label(reason).check()
    await dialog.get_by_label("What else should the moderators know?").fill(comment)
    await dialog.get_by_role("button", name="Send the report").click()
    await expect(dialog.get_by_role("button", name=f"Mute @{person.handle}")).to_be_visible()
    await dialog.get_by_role("button", name="Done").click()
