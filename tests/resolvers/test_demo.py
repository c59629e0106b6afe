"""The demo data: loaded into an empty database alone, and all of it as a newcomer should find it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from datastore.indexes import make_indexes
from resolvers import demo
from resolvers.services import Services, open_services
from tests.people import Person, sign_up
from tests.service import Service, running_service, settings_for

LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken refreshToken } viewer { user { id } } userErrors { code } } }"""
HOME = """{ homeTimeline(first: 100) { state edges { reason node { ... on Tweet {
  text createdAt author { handle } inReplyTo { text } } } } } }"""
USER = """query($handle: String!) { user(handle: $handle) {
  name bio followerCount followingCount tweetCount
  tweets(first: 100, include: TWEETS_AND_REPLIES) { edges { node { ... on Tweet { text } } } } } }"""
FOLLOWEES = dict(demo.FOLLOWS)


@pytest.fixture
async def service(mongo_url: str, redis_url: str) -> AsyncIterator[Service]:
    """On a database of the test's own, with its indexes."""
    async with running_service(settings_for(mongo_url, redis_url, rate_limit="off")) as service:
        await make_indexes(service.stores.mongo)
        yield service


@pytest.fixture
async def services(service: Service) -> AsyncIterator[Services]:
    async with open_services(service.stores, service.settings) as services:
        yield services


async def demo_person(service: Service) -> Person:
    variables = {"login": demo.HANDLE, "password": demo.PASSWORD}
    payload = (await service.ask(LOGIN, variables))["data"]["login"]
    assert payload["userErrors"] == []
    tokens = payload["tokens"]
    return Person(service, payload["viewer"]["user"]["id"], demo.HANDLE, tokens["accessToken"], tokens["refreshToken"])


async def test_demo_data_is_wanted_while_there_is_nobody(service: Service, services: Services) -> None:
    assert await demo.is_wanted(services)
    await sign_up(service, "alice")
    assert not await demo.is_wanted(services)


async def test_demo_account_reads_a_timeline_as_it_is_defined(service: Service, services: Services) -> None:
    before = datetime.now(UTC)
    await demo.load(services)
    after = datetime.now(UTC)
    assert not await demo.is_wanted(services)
    await service.settle()
    page = (await (await demo_person(service)).ask(HOME))["homeTimeline"]

    circle = {demo.HANDLE, *FOLLOWEES[demo.HANDLE]}
    expected = [
        tweet
        for tweet in demo.TWEETS
        if tweet.handle in circle and (tweet.answers is None or demo.TWEETS[tweet.answers].handle in circle)
    ]
    expected.sort(key=lambda tweet: tweet.minutes_ago)
    assert page["state"] == "READY"
    shown = [(edge["node"]["author"]["handle"], edge["node"]["text"]) for edge in page["edges"]]
    assert shown == [(tweet.handle, tweet.text) for tweet in expected]
    for edge, tweet in zip(page["edges"], expected, strict=True):
        node = edge["node"]
        assert edge["reason"] == ("SELF" if tweet.handle == demo.HANDLE else "FOLLOWING")
        answered = None if tweet.answers is None else {"text": demo.TWEETS[tweet.answers].text}
        assert node["inReplyTo"] == answered
        age = timedelta(minutes=tweet.minutes_ago)
        created_at = datetime.fromisoformat(node["createdAt"])
        assert before - age - timedelta(milliseconds=1) <= created_at <= after - age


async def test_demo_people_have_what_is_counted(service: Service, services: Services) -> None:
    await demo.load(services)
    for person in demo.PEOPLE:
        user = (await service.ask(USER, {"handle": person.handle}))["data"]["user"]
        theirs = sorted(
            (tweet for tweet in demo.TWEETS if tweet.handle == person.handle), key=lambda one: one.minutes_ago
        )
        followers = [one for one, followees in demo.FOLLOWS if person.handle in followees]
        assert [edge["node"]["text"] for edge in user.pop("tweets")["edges"]] == [tweet.text for tweet in theirs]
        assert user == {
            "name": person.name,
            "bio": person.bio,
            "followerCount": len(followers),
            "followingCount": len(FOLLOWEES.get(person.handle, ())),
            "tweetCount": len(theirs),
        }
