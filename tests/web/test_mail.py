"""Verification and reset, by a person who reads their mail."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from datastore.admin.indexes import make_indexes
from datastore.embedded.process import StoreProcess
from datastore.embedded.programs import find_valkey
from datastore.embedded.servers import ValkeyServer
from datastore.embedded.stores import free_port
from datastore.stores import open_stores
from tests.support.people import PASSWORD, sign_up, unused_handle
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import Stores
from tests.web.chromium import Visit, opened
from tests.web.conftest import Visiting, session_of
from tests.web.test_signing import sign_in

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

NEW_PASSWORD = "a longer horse"
MODERATE = """mutation($input: ModerateInput!) { moderate(input: $input) {
  decision { id } userErrors { code field message } } }"""
APPEALS = "{ moderation { appeals { edges { node { appeal { text } } } } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Not that of the other service of this folder, whose workers would take the jobs."""
    process = StoreProcess(
        ValkeyServer(find_valkey(), tmp_path_factory.mktemp("mailing"), free_port()), is_ephemeral=True
    )
    await process.start()
    try:
        yield process.server.url
    finally:
        await process.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def mailing(stores: Stores, redis: str) -> AsyncIterator[Service]:
    """The whole service, whose mails go to the catcher."""
    with stores.fresh_database() as database:
        port = free_port()
        settings = settings_for(database, redis, rate_limit="off", smtp_url=None, public_url=f"http://127.0.0.1:{port}")
        async with open_stores(settings) as opened_stores:
            await make_indexes(opened_stores.mongo)
        async with running_service(settings, port=port) as service:
            yield service


@pytest_asyncio.fixture(loop_scope="package")
async def visiting(browser: Browser, mailing: Service) -> AsyncIterator[Visiting]:
    visits: list[Visit] = []
    async with AsyncExitStack() as contexts:

        async def visit(person: object = None, path: str = "/") -> Visit:
            session = session_of(person) if person else None  # type: ignore[arg-type]
            one = await contexts.enter_async_context(opened(browser, mailing.url, session))
            visits.append(one)
            await one.open(path)
            return one

        yield visit
        for one in visits:
            one.assert_clean()


async def follow_link(page: Page, service: Service, address: str, subject: str) -> None:
    """Opens the caught mails in the same browser, and the link of the newest one."""

    async def open_mails() -> None:
        await service.settle()
        await page.goto(f"{service.url}/mail")

    await open_mails()
    mail = page.locator("article", has_text=address).filter(has=page.get_by_role("heading", name=subject)).first
    await expect(mail).to_be_visible()
    await mail.get_by_role("link").first.click()


async def test_newcomer_confirms_the_address_by_the_mail(mailing: Service, visiting: Visiting) -> None:
    handle = unused_handle("carol")
    page = (await visiting()).page
    await page.get_by_role("button", name="Sign up").click()
    email = f"{handle}@example.org"
    for label, text in {"Name": "Carol", "Handle": handle, "E-mail address": email, "Password": PASSWORD}.items():
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("button", name="Sign up").click()
    banner = page.get_by_role("complementary", name="Your e-mail address is not confirmed")
    await expect(banner).to_contain_text(email)
    await banner.get_by_role("button", name="Send it again").click()
    await expect(page.get_by_text("Another mail is on its way.")).to_be_visible()

    await follow_link(page, mailing, email, "Confirm your e-mail address")
    await expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()
    assert "#" not in page.url
    await page.get_by_role("link", name="Go to Rookery").click()
    await expect(page.get_by_role("heading", name="Welcome, Carol")).to_be_visible()
    await expect(banner).to_have_count(0)


async def test_lost_password_is_replaced_by_the_mail(mailing: Service, visiting: Visiting) -> None:
    alice = await sign_up(mailing, "alice")
    page = (await visiting()).page
    await page.get_by_role("link", name="Forgot your password?").click()
    await page.get_by_label("Handle or e-mail address").fill(alice.handle)
    await page.get_by_role("button", name="Send a link").click()
    await expect(page.get_by_text("If there is such an account, a mail is on its way.")).to_be_visible()

    await follow_link(page, mailing, f"{alice.handle}@example.org", "Choose a new password")
    wanted = page.get_by_label("Choose a new password")
    await wanted.fill("password1")
    await page.get_by_role("button", name="Save and sign in").click()
    await expect(wanted).to_have_accessible_description(
        "8 characters or more. All sessions of the account end. "
        "This password is one of the most common ones. Choose another."
    )
    await wanted.fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Save and sign in").click()
    await expect(page.get_by_role("heading", name="Welcome, alice")).to_be_visible()
    other = (await visiting()).page
    await sign_in(other, alice.handle, NEW_PASSWORD)
    await expect(other.get_by_role("heading", name="Welcome, alice")).to_be_visible()


async def test_who_is_suspended_reads_why_and_appeals_by_the_mail(mailing: Service, visiting: Visiting) -> None:
    alice, moderator = await sign_up(mailing, "alice"), await sign_up_moderator(mailing)
    why = "Nests at half price, a hundred times."
    decision = {"subject": alice.id, "action": "SUSPEND", "reason": "SPAM", "explanation": why}
    await moderator.act(MODERATE, input=decision)
    page = (await visiting()).page
    await sign_in(page, alice.handle, PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text(why)
    await follow_link(page, mailing, f"{alice.handle}@example.org", "A decision of the moderators")
    await page.get_by_label("Why is the decision wrong?").fill("They were my own nests.")
    await page.get_by_role("button", name="Send the appeal").click()
    await expect(page.get_by_text("Your appeal is with the moderators.")).to_be_visible()
    assert "#" not in page.url
    (edge,) = (await moderator.ask(APPEALS))["moderation"]["appeals"]["edges"]
    assert edge["node"]["appeal"]["text"] == "They were my own nests."


async def test_address_and_handle_are_changed_in_the_settings(mailing: Service, visiting: Visiting) -> None:
    alice = await sign_up(mailing, "alice")
    page = (await visiting(alice, "/settings/account")).page
    address, handle = page.get_by_role("form", name="Change address"), page.get_by_role("form", name="Change handle")
    new, renamed = f"{unused_handle('moved')}@example.org", unused_handle("renamed")
    await address.get_by_label("New e-mail address").fill(new)
    await address.get_by_label("Password, to confirm").fill("wrong horse")
    await address.get_by_role("button").click()
    await expect(address.get_by_label("Password, to confirm")).to_have_accessible_description("The password is wrong.")
    await address.get_by_label("Password, to confirm").fill(PASSWORD)
    await address.get_by_role("button").click()
    await expect(page.get_by_text(f"{new} counts once you open the link")).to_be_visible()

    await handle.get_by_label("New handle").fill(f"@{renamed}")
    await handle.get_by_label("Password, to confirm").fill(PASSWORD)
    await handle.get_by_role("button").click()
    await expect(page.get_by_role("button", name=f"Account: alice @{renamed}")).to_be_visible()

    await follow_link(page, mailing, new, "Confirm your e-mail address")
    await expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()
    await page.goto(f"{mailing.url}/people/{alice.handle}")
    await expect(page.get_by_text(f"@{renamed}").first).to_be_visible()
    await page.goto(f"{mailing.url}/notifications")
    await expect(page.get_by_text("Something about the safety of your account changed").first).to_be_visible()
