"""The number of MongoDB queries per page: it must not depend on the number of followees."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from core.ids import TweetId, UserId
from datastore.records.items import RetweetRecord, TweetRecord
from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.timelines.followers import add_followers
from tests.support.service import Service, running_service, settings_for

SHOWN = "id text likeCount viewerHasLiked author { handle }"
HOME = f"""query($first: Int!, $after: String) {{ homeTimeline(first: $first, after: $after) {{
  edges {{ node {{ ... on Tweet {{ {SHOWN} }} ... on Retweet {{ user {{ handle }} tweet {{ {SHOWN} }} }} }} }}
  pageInfo {{ endCursor }} }} }}"""
PROFILE = f"""query($handle: String!) {{ user(handle: $handle) {{ name bio avatarUrl
  tweets(first: 10) {{ edges {{ node {{ ... on Tweet {{ {SHOWN} }} }} }} pageInfo {{ endCursor }} }} }} }}"""
READING = ("find", "aggregate", "getMore", "count", "distinct")
TWEETS = 24
PAGE = 10


@pytest.fixture
async def api(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    """A service without workers, so that all queries are those of pages."""
    async with running_service(settings_for(service_database, redis_url, rate_limit="off"), with_workers=False) as api:
        yield api


async def queries(service: Service) -> Counter[str]:
    status = await service.stores.mongo.database.command("serverStatus")
    return Counter({name: status["metrics"]["commands"][name]["total"] for name in READING})


async def follow_many(service: Service, reader: Person, count: int) -> None:
    """The authors post alternately: a tweet, or a retweet of a stranger's tweet."""
    stores, follower = service.stores, UserId(decode_id(reader.id, NodeType.USER))
    somebody, stranger = await sign_up(service, "somebody"), await sign_up(service, "stranger")
    followed = await add_followers(stores, UserId(decode_id(somebody.id, NodeType.USER)), count)
    rows = [{"_id": stores.ids(), "follower": follower, "followee": one} for one in followed]
    await stores.mongo.collection("follows").insert_many(rows)
    for turn in range(TWEETS):
        shown = await stranger.post(f"shown {turn}")
        author, item_id = followed[turn % count], TweetId(stores.ids())
        if turn % 2:
            tweet = TweetId(decode_id(shown, NodeType.TWEET))
            stranger_id = UserId(decode_id(stranger.id, NodeType.USER))
            assert await stores.tweets.retweets.insert(RetweetRecord(item_id, author, tweet, stranger_id))
        else:
            await stores.tweets.items.insert(TweetRecord(item_id, author, f"tweet {turn}", item_id))


@pytest.mark.parametrize("followed", [2, 250])
async def test_pages_beyond_the_list_take_two_queries_whatever_the_number_followed(api: Service, followed: int) -> None:
    reader = await sign_up(api, "reader")
    await follow_many(api, reader, followed)
    newest = (await reader.ask(HOME, first=1))["homeTimeline"]
    asked = list[Counter[str]]()
    for _ in range(3):  # what the server looks for by itself every few seconds may fall into one of them
        before = await queries(api)
        page = (await reader.ask(HOME, first=PAGE, after=newest["pageInfo"]["endCursor"]))["homeTimeline"]
        asked.append(await queries(api) - before)
        assert len(page["edges"]) == PAGE
    assert min(one.total() for one in asked) <= 2, asked


async def reads_of_redis(service: Service) -> Counter[str]:
    stats = await service.stores.redis.info("commandstats")
    return Counter({name: stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("mget", "get", "evalsha")})


async def test_a_warm_user_timeline_asks_neither_mongodb_nor_redis_for_rows(api: Service) -> None:
    """Rows in the process's memory are confirmed by the answer to a PING, or to token and points."""
    reader, author = await sign_up(api, "reader"), await sign_up(api, "author")
    for number in range(PAGE + 2):
        await author.post(f"tweet {number}")

    async def asked() -> int:
        before = await queries(api), await reads_of_redis(api)
        page = (await reader.ask(PROFILE, handle=author.handle))["user"]["tweets"]
        assert [edge["node"]["text"] for edge in page["edges"]] == [f"tweet {PAGE + 1 - n}" for n in range(PAGE)]
        return (await queries(api) - before[0]).total() + (await reads_of_redis(api) - before[1]).total()

    assert min([await asked() for _ in range(6)]) == 0  # beside them the process reads its advertisements now and then
