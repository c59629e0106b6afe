"""Two API processes on the same stores, each with a row cache: the acts of one are visible at the other at once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.support.people import DELETE, Person, sign_up
from tests.support.service import NO_AUTHORITIES, TIMEOUT_SECONDS, Service, running_api

PAGE = """{ homeTimeline(first: 10) { edges { node { ... on Tweet {
  id viewerHasLiked likeCount author { id name } } } } } }"""
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { tweet { likeCount } userErrors { code field message } } }"
UNLIKE = "mutation Unlike($id: ID!) { unlike(tweetId: $id) { tweet { likeCount } userErrors { code field message } } }"
MUTE = "mutation Mute($id: ID!) { mute(userId: $id) { user { id } userErrors { code field message } } }"
UNMUTE = "mutation Unmute($id: ID!) { unmute(userId: $id) { user { id } userErrors { code field message } } }"
RENAME = """mutation Rename($name: String!) { updateProfile(input: { name: $name }) {
  user { id } userErrors { code field message } } }"""
LOGOUT = "mutation { logout { userErrors { code } } }"
TURNS = 2


@pytest.fixture
async def other(service: Service) -> AsyncIterator[Service]:
    """A second server on the same stores."""
    async with (
        running_api(service.settings) as url,
        httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, verify=NO_AUTHORITIES) as http,
    ):
        yield replace(service, url=url, http=http)


async def page(reader: Person) -> list[dict[str, Any]]:
    edges = (await reader.ask(PAGE))["homeTimeline"]["edges"]
    return [edge["node"] for edge in edges]


async def test_acts_at_one_server_are_seen_at_the_other_at_once(service: Service, other: Service) -> None:
    here, author = await sign_up(service, "alice"), await sign_up(service, "bob")
    there = replace(here, service=other)
    await here.follow(author)
    ids = [await author.post(f"number {number}") for number in range(3)]
    await service.settle()
    for turn in range(TURNS):
        for one, two in ((here, there), (there, here)):
            assert [tweet["id"] for tweet in await page(two)] == ids[::-1]  # they are in its cache after this read
            await one.act(LIKE, id=ids[0])
            assert (await page(two))[2]["viewerHasLiked"]
            await one.act(UNLIKE, id=ids[0])
            liked = (await page(two))[2]
            assert (liked["viewerHasLiked"], liked["likeCount"]) == (False, 0)
            await one.act(MUTE, id=author.id)
            assert await page(two) == []
            await one.act(UNMUTE, id=author.id)
            await author.act(RENAME, name=f"Bob {turn}")
            assert {tweet["author"]["name"] for tweet in await page(two)} == {f"Bob {turn}"}
    await author.act(DELETE, id=ids[1])
    for reader in (there, here):
        assert [tweet["id"] for tweet in await page(reader)] == [ids[2], ids[0]]


async def test_a_session_that_ended_at_one_server_is_refused_at_the_other_at_once(
    service: Service, other: Service
) -> None:
    for one, two in ((service, other), (other, service)):
        here = await sign_up(one, "alice")
        there = replace(here, service=two)
        for reader in (here, there, here, there):
            assert await page(reader) == []
        await here.act(LOGOUT)
        for reader in (there, here):
            (error,) = (await reader.service.ask(PAGE, token=reader.token))["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED"
