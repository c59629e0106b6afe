"""Demo data: loaded into an empty database only, and complete through the API."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from resolvers.demo import demo
from resolvers.demo.cast import FOLLOWS, HASHTAGS, PEOPLE
from resolvers.demo.story import OWN_DAYS, PROMOTED, TWEETS, DemoTweet
from resolvers.services import open_services
from tests.support.people import Person
from tests.support.service import Service
from tests.support.waiting import eventually

OWN_DATABASE = True
pytestmark = [pytest.mark.lengthy, pytest.mark.asyncio(loop_scope="module")]

LOGIN = """mutation($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken refreshToken } viewer { user { id } } userErrors { code } } }"""
HOME = """{ homeTimeline(first: 100) { state edges { reason node { __typename
  ... on Tweet { text createdAt author { handle } inReplyTo { text } }
  ... on Retweet { user { handle } tweet { text } }
  ... on PromotedTweet { tweet { text } } } } } }"""
USER = """query($handle: String!) { user(handle: $handle) {
  name bio followerCount followingCount tweetCount
  tweets(first: 100, include: TWEETS_AND_REPLIES) { edges { node { ... on Tweet { text } } } } } }"""
NOTIFIED = "{ notifications(first: 100) { unreadCount edges { node { kind actorCount } } } }"
CAMPAIGNS = "{ viewer { campaigns { edges { node { status impressions clicks spentCents days { impressions } } } } } }"
FOLLOWEES = dict(FOLLOWS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(shared_service: Service) -> AsyncIterator[Service]:
    """A service with demo data."""
    async with open_services(shared_service.stores, shared_service.settings) as services:
        assert await demo.is_wanted(services.stores.users)
        await demo.load(services)
        assert not await demo.is_wanted(services.stores.users)
    await shared_service.settle()
    yield shared_service


async def demo_person(service: Service) -> Person:
    variables = {"login": demo.HANDLE, "password": demo.PASSWORD}
    payload = (await service.ask(LOGIN, variables))["data"]["login"]
    assert payload["userErrors"] == []
    tokens = payload["tokens"]
    return Person(service, payload["viewer"]["user"]["id"], demo.HANDLE, tokens["accessToken"], tokens["refreshToken"])


async def test_demo_account_reads_a_timeline_as_it_is_defined(service: Service) -> None:
    person = await demo_person(service)
    page = (await person.ask(HOME))["homeTimeline"]
    edges = page["edges"]
    circle = {demo.HANDLE, *FOLLOWEES[demo.HANDLE]}
    written = [tweet for tweet in TWEETS if reason_for(tweet, circle) is not None]
    written.sort(key=lambda tweet: tweet.minutes_ago)
    assert page["state"] == "READY"
    shown = [edge for edge in edges if edge["node"]["__typename"] == "Tweet"]
    assert [edge["node"]["text"] for edge in shown] == [tweet.text for tweet in written]
    for edge, tweet in zip(shown, written, strict=True):
        node = edge["node"]
        assert edge["reason"] == reason_for(tweet, circle)
        answered = None if tweet.answers is None else {"text": TWEETS[tweet.answers].text}
        assert (node["author"]["handle"], node["inReplyTo"]) == (tweet.handle, answered)
        age = datetime.now(UTC) - datetime.fromisoformat(node["createdAt"])
        assert timedelta(0) <= age - timedelta(minutes=tweet.minutes_ago) < timedelta(minutes=1)
    shared = {tweet.text for tweet in TWEETS if tweet.handle not in circle and circle & set(tweet.retweets.split())}
    assert {edge["node"]["tweet"]["text"] for edge in edges if edge["node"]["__typename"] == "Retweet"} == shared
    assert await eventually(lambda: promoted_to(person)) == {TWEETS[PROMOTED].text}


def reason_for(tweet: DemoTweet, circle: set[str]) -> str | None:
    """The reason for which the tweet itself is in the demo account's timeline; None if it is not."""
    if tweet.handle in circle:
        if tweet.answers is not None and TWEETS[tweet.answers].handle not in circle:
            return None
        return "SELF" if tweet.handle == demo.HANDLE else "FOLLOWING"
    is_tagged = any(f"#{name.lower()}" in tweet.text.lower().split() for name in HASHTAGS)
    return "HASHTAG" if is_tagged and tweet.answers is None else None


async def promoted_to(person: Person) -> set[str]:
    edges = (await person.ask(HOME))["homeTimeline"]["edges"]
    return {edge["node"]["tweet"]["text"] for edge in edges if edge["reason"] == "PROMOTED"}


async def test_demo_account_has_something_to_look_at(service: Service) -> None:
    person = await demo_person(service)
    await service.settle()
    notified = (await person.ask(NOTIFIED))["notifications"]
    assert notified["unreadCount"] > 5
    kinds = {edge["node"]["kind"] for edge in notified["edges"]}
    # The sign-in of this test is one on a new device.
    assert kinds == {"LIKE", "RETWEET", "QUOTE", "REPLY", "MENTION", "FOLLOW", "SECURITY"}
    (edge,) = (await person.ask(CAMPAIGNS))["viewer"]["campaigns"]["edges"]
    campaign = edge["node"]
    assert campaign["status"] == "ACTIVE"
    assert [day["impressions"] for day in campaign["days"]] == [day.impressions for day in OWN_DAYS]
    assert campaign["impressions"] == sum(day.impressions for day in OWN_DAYS)
    assert campaign["spentCents"] == campaign["impressions"] * 450 // 1000


async def test_demo_people_have_what_is_counted(service: Service) -> None:
    for person in PEOPLE:
        user = (await service.ask(USER, {"handle": person.handle}))["data"]["user"]
        theirs = sorted((tweet for tweet in TWEETS if tweet.handle == person.handle), key=lambda one: one.minutes_ago)
        followers = [one for one, followees in FOLLOWS if person.handle in followees]
        shown = [edge["node"]["text"] for edge in user.pop("tweets")["edges"] if edge["node"]]
        assert shown == [tweet.text for tweet in theirs]
        assert user == {
            "name": person.name,
            "bio": None if person.is_protected else person.bio,
            "followerCount": len(followers),
            "followingCount": len(FOLLOWEES.get(person.handle, ())),
            "tweetCount": len(theirs),
        }
