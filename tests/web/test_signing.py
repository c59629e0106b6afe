"""An account from registration to deletion, all in the page."""

import pytest
from playwright.async_api import Page, expect

from tests.support.people import PASSWORD, sign_up, unused_handle
from tests.support.service import Service
from tests.web.conftest import Visiting

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

NEW_PASSWORD = "a longer horse"


async def test_sign_up_says_at_the_handle_that_it_is_taken(service: Service, visiting: Visiting) -> None:
    taken, free = (await sign_up(service, "alice")).handle, unused_handle("carol")
    page = (await visiting()).page
    await page.get_by_role("button", name="Sign up").click()
    handle = page.get_by_label("Handle")
    typed = {"Name": "Carol Crow", "Handle": taken, "E-mail address": f"{free}@example.org", "Password": PASSWORD}
    for label, text in typed.items():
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("button", name="Sign up").click()
    await expect(handle).to_have_accessible_description(
        "Letters, digits and underscores, 15 at most This handle is taken."
    )
    await expect(handle).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(".field-error")).to_have_count(1)
    for label, text in typed.items():
        await expect(page.get_by_label(label, exact=True)).to_have_value(text)

    await handle.fill(f"@{free}")
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("heading", name="Welcome, Carol Crow")).to_be_visible()
    await expect(page.get_by_role("button", name=f"Account: Carol Crow @{free}")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Welcome, Carol Crow")).to_be_visible()


async def test_changed_password_is_the_one_that_signs_in(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(alice, "/settings/account")).page
    current, wanted = page.get_by_label("Password so far"), page.get_by_label("New password")
    await current.fill("a wrong horse")
    await wanted.fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await expect(current).to_have_accessible_description("The password is wrong.")

    await current.fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("Password changed. Your other sessions have ended.")).to_be_visible()
    await expect(current).to_have_value("")
    await page.get_by_role("button", name=f"Account: alice @{alice.handle}").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await sign_in(page, alice.handle, PASSWORD)
    await expect(page.get_by_role("alert")).to_be_visible()
    await sign_in(page, alice.handle, NEW_PASSWORD)
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()


async def test_account_ends_only_with_its_password_and_a_yes(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    visit = await visiting(alice, "/settings/account")
    page = visit.page
    await ask_to_end(page, "a wrong horse")
    await page.get_by_role("dialog").get_by_role("button", name="Delete account").click()
    await expect(page.get_by_label("Your password")).to_have_accessible_description("The password is wrong.")
    await ask_to_end(page, PASSWORD)
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert (await alice.ask("{ viewer { user { handle } } }"))["viewer"]["user"]["handle"] == alice.handle

    await ask_to_end(page, PASSWORD)
    await page.get_by_role("dialog").get_by_role("button", name="Delete account").click()
    await sign_in(page, alice.handle, PASSWORD)
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.goto(f"{service.url}/people/{alice.handle}")
    await expect(page.get_by_role("heading", name="Nobody here")).to_be_visible()
    visit.forgive_absence(f"/people/{alice.handle}")


async def ask_to_end(page: Page, password: str) -> None:
    await page.get_by_label("Your password").fill(password)
    await page.get_by_role("button", name="Delete account").click()
    await expect(page.get_by_role("dialog", name="Delete your account?")).to_be_visible()


async def sign_in(page: Page, handle: str, password: str) -> None:
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_label("Handle or e-mail address").fill(handle)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
