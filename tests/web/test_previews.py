"""Previews of links on other sites: tweets and people that anybody may see, and nothing of others."""

import re
from html import unescape

import httpx
import pytest

from tests.support.people import sign_up
from tests.support.pictures import png, ready
from tests.support.service import Service
from transport.http import previews

pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="package")]

PROTECT = "mutation { updateProfile(input: {isProtected: true}) { user { id } userErrors { message } } }"
BIO = """mutation($bio: String!) { updateProfile(input: {bio: $bio}) { user { id } userErrors { message } } }"""

AVATAR = "mutation($id: ID) { updateProfile(input: {avatar: $id}) { user { avatarUrl } userErrors { message } } }"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine at its limit would answer some without a preview."""
    monkeypatch.setattr(previews, "READ_SECONDS", 20.0)


async def test_link_to_a_tweet_tells_what_it_says(service: Service) -> None:
    alice = await sign_up(service, "alice")
    tweet_id = await alice.post('Say "hi" & <b>wave</b>')
    answer = await opened(service, f"/tweets/{tweet_id}?from=elsewhere")
    assert answer.status_code == 200
    assert tags(answer) == {
        "og:site_name": "Rookery",
        "og:type": "article",
        "og:title": f"alice (@{alice.handle})",
        "og:description": 'Say "hi" & <b>wave</b>',
        "og:url": f"{service.url}/tweets/{tweet_id}",
        "og:image": f"{service.url}/icon.png",
        "og:image:alt": "Rookery",
        "twitter:card": "summary",
    }
    assert f"<title>alice (@{alice.handle}) · Rookery</title>" in answer.text
    assert "<b>" not in answer.text
    assert tags(await opened(service, f"/tweets/{tweet_id}/likes"))["og:title"] == f"alice (@{alice.handle})"


async def test_link_to_a_tweet_behind_a_warning_tells_the_warning_alone(service: Service) -> None:
    alice = await sign_up(service, "alice")
    tweet_id = await alice.post("The heron did it.", contentWarning="Spoilers")
    answer = await opened(service, f"/tweets/{tweet_id}")
    assert tags(answer)["og:description"] == "Content warning: Spoilers"
    assert "heron" not in answer.text


async def test_link_to_a_tweet_shows_its_first_picture_unless_it_is_covered(service: Service) -> None:
    alice = await sign_up(service, "alice")
    pictures = [await ready(alice, png(), altText=text) for text in ("A red field.", "Another.", "A third.")]
    shown, covered = (
        await alice.post("", media=[one["id"] for one in pictures[:2]]),
        await alice.post("", media=[pictures[2]["id"]], isSensitive=True),
    )
    found = tags(await opened(service, f"/tweets/{shown}"))
    assert (found["og:description"], found["og:image:alt"]) == ("A red field. · Another.", "A red field.")
    assert found["twitter:card"] == "summary_large_image"
    answer = await service.http.get(found["og:image"])
    assert (answer.status_code, answer.headers["cross-origin-resource-policy"]) == (200, "cross-origin")
    found = tags(await opened(service, f"/tweets/{covered}"))
    assert (found["og:description"], found["og:image"]) == ("A third.", f"{service.url}/icon.png")


async def test_link_to_a_person_tells_who_that_is(service: Service) -> None:
    alice = await sign_up(service, "alice")
    await alice.act(BIO, bio="Nests, mostly.")
    found = tags(await opened(service, f"/people/{alice.handle}"))
    assert (found["og:type"], found["og:title"]) == ("profile", f"alice (@{alice.handle})")
    assert found["og:description"] == "Nests, mostly."


async def test_link_shows_the_picture_of_who_has_one_else_that_of_the_site(service: Service) -> None:
    alice = await sign_up(service, "alice")
    tweet_id = await alice.post("Look")
    picture = await service.http.get(tags(await opened(service, f"/people/{alice.handle}"))["og:image"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG\r\n")
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    own = (await alice.act(AVATAR, id=(await ready(alice, png()))["id"]))["user"]["avatarUrl"]
    assert own.startswith(service.url)
    for path in (f"/people/{alice.handle}", f"/tweets/{tweet_id}"):
        found = tags(await opened(service, path))
        assert (found["og:image"], found["og:image:alt"]) == (own, f"alice (@{alice.handle})")


async def test_link_to_a_protected_account_tells_nothing_even_to_its_owner(service: Service) -> None:
    alice = await sign_up(service, "alice")
    tweet_id = await alice.post("For friends alone")
    await alice.act(BIO, bio="Nests, mostly.")
    await alice.act(PROTECT)
    for path in (f"/tweets/{tweet_id}", f"/people/{alice.handle}"):
        answer = await opened(service, path, authorization=f"Bearer {alice.token}")
        assert (answer.status_code, tags(answer)) == (200, {})
        assert "<title>Rookery</title>" in answer.text
        assert "friends" not in answer.text
        assert "Nests" not in answer.text


async def test_deleted_tweet_tells_nothing(service: Service) -> None:
    alice = await sign_up(service, "alice")
    tweet_id = await alice.post("Said too soon")
    await alice.delete(tweet_id)
    assert tags(await opened(service, f"/tweets/{tweet_id}")) == {}


@pytest.mark.parametrize("path", ["/tweets/xyz", "/people/nobody_at_all", "/tweets/"])
async def test_address_of_what_can_not_be_has_status_404(service: Service, path: str) -> None:
    answer = await opened(service, path)
    assert (answer.status_code, tags(answer)) == (404, {})
    assert '<div id="rookery"' in answer.text


async def opened(service: Service, path: str, **headers: str) -> httpx.Response:
    return await service.http.get(path, headers={"accept": "text/html", **headers})


def tags(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<meta property="([\w:]+)" content="([^"]*)">', answer.text)
    return {name: unescape(content) for name, content in found}
