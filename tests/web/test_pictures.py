"""Pictures in the page: chosen, described, cancelled, shown elsewhere within seconds, looked at, and on a profile."""

import asyncio
from functools import partial

import pytest
from playwright.async_api import FilePayload, Page, expect

from datastore.media.storage import INCOMING, MediaStorage
from tests.support.people import sign_up
from tests.support.pictures import png
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Visiting
from tests.web.test_people import article, friends, refuse

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

RED, BLUE = png(600, 400, (200, 20, 20)), png(400, 600, (20, 20, 200))
ROOMS = "[...document.querySelectorAll('.picture')].map(({offsetWidth, offsetHeight}) => [offsetWidth, offsetHeight])"
FOUND = "query Found($handle: String!) { user(handle: $handle) { avatarUrl } }"


def file(data: bytes, name: str = "rook.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": data}


async def choose(page: Page, *files: FilePayload) -> None:
    await page.get_by_role("main").locator("form.writer input[type=file]").set_input_files(list(files))


async def test_pictures_that_are_posted_here_appear_there(
    service: Service, visiting: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are posted while a slow worker prepares them, and after the tweet was refused once."""
    alice, bob = await friends(service)
    here, there = (await visiting(alice)).page, (await visiting(bob)).page
    may_be_ready = hold_processing(monkeypatch)
    await choose(here, file(RED), file(BLUE), {"name": "rook.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    chosen = here.get_by_role("list", name="Pictures", exact=True).get_by_role("listitem")
    await expect(chosen).to_have_count(3)
    await expect(chosen.nth(2)).to_contain_text("rook.svg: pictures are JPEG, PNG, WebP or GIF.")
    await chosen.nth(0).get_by_role("textbox").fill("A red field.")
    await chosen.nth(0).get_by_role("textbox").blur()
    await chosen.nth(2).get_by_role("button").click()
    await expect(chosen).to_have_count(2)
    await expect(here.get_by_role("button", name="Tweet", exact=True).last).to_be_enabled()
    await here.get_by_role("main").get_by_role("textbox").first.fill("two rooks")
    await here.route("**/graphql", refuse("Post"))
    await here.get_by_role("main").get_by_role("button", name="Tweet", exact=True).click()
    again = here.get_by_role("dialog")
    await expect(again.get_by_role("listitem").get_by_role("textbox").first).to_have_value("A red field.")
    await here.unroute("**/graphql")
    await again.get_by_role("button", name="Tweet", exact=True).click()
    await there.get_by_role("button", name="1 new tweet").click()
    for page in (here, there):
        await expect(article(page, "two rooks").get_by_text("Being prepared")).to_have_count(2)
    before = await there.evaluate(ROOMS)
    may_be_ready.set()
    await look(there, here)
    assert await there.evaluate(ROOMS) == before


async def look(there: Page, here: Page) -> None:
    """Both see the tweet; its pictures are loaded, and one of them is opened and left by keys."""
    for page in (here, there):
        # What is not in sight is not followed.
        await article(page, "two rooks").scroll_into_view_if_needed()
        await expect(article(page, "two rooks").locator(".picture img[src*='/media/']")).to_have_count(2)
        await eventually(partial(is_loaded, page))
    shown = article(there, "two rooks").locator(".picture img")
    assert await shown.nth(0).get_attribute("alt") == "A red field."
    await article(there, "two rooks").get_by_role("button", name="A red field., open").click()
    dialog = there.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="Picture 1 of 2")).to_be_visible()
    # Keys work wherever the focus is in the dialog.
    await dialog.get_by_role("button", name="Close").focus()
    await there.keyboard.press("ArrowRight")
    await expect(dialog.get_by_role("heading", name="Picture 2 of 2")).to_be_visible()
    await dialog.get_by_role("button", name="Picture before").click()
    await expect(dialog.get_by_role("heading", name="Picture 1 of 2")).to_be_visible()
    await there.keyboard.press("ArrowRight")
    await expect(dialog.get_by_role("heading", name="Picture 2 of 2")).to_be_visible()
    await there.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


def hold_processing(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """No picture is processed before this is set; the workers run in this process."""
    may_go_on, get = asyncio.Event(), MediaStorage.get

    async def wait(storage: MediaStorage, key: str) -> bytes | None:
        if key.startswith(INCOMING):
            await may_go_on.wait()
        return await get(storage, key)

    monkeypatch.setattr(MediaStorage, "get", wait)
    return may_go_on


async def is_loaded(page: Page) -> bool:
    return bool(
        await page.evaluate("[...document.querySelectorAll('.picture img')].every(one => one.naturalWidth > 0)")
    )


async def test_picture_of_a_profile_is_cropped_and_shown(service: Service, visiting: Visiting) -> None:
    alice = await sign_up(service, "alice")
    page = (await visiting(alice, "/settings/profile")).page
    await page.get_by_label("Your picture", exact=True).set_input_files(file(BLUE))
    dialog = page.get_by_role("dialog", name="Choose the part that is shown")
    await dialog.get_by_role("slider").fill("2")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    address = (await alice.ask(FOUND, handle=alice.handle))["user"]["avatarUrl"]
    assert (await service.http.get(address)).status_code == 200
    there = (await visiting(await sign_up(service, "bob"), f"/people/{alice.handle}")).page
    await expect(there.locator(f'.profile-line img[src="{address}"]')).to_be_visible()
