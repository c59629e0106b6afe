"""Tweet search through the API: every operator, both orders, visibility rules, paging."""

import time
from typing import Any

import pytest

from schema.work import WORK
from tests.support.people import Person, codes, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_DATABASE = True

SEARCH = """query($query: String!, $sort: SearchSort! = LATEST, $first: Int! = 20, $after: String) {
  searchTweets(query: $query, sort: $sort, first: $first, after: $after) {
    edges { cursor node { text } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
HASHTAG = """query($name: String!, $sort: SearchSort! = LATEST, $first: Int! = 20, $after: String) {
  hashtag(name: $name) { tweets(sort: $sort, first: $first, after: $after) {
    edges { node { text } } pageInfo { hasNextPage endCursor } } } }"""
MENTIONS = "{ viewer { mentions { edges { node { text } } } } }"
LIKE = "mutation($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
RETWEET = "mutation($id: ID!) { retweet(tweetId: $id) { userErrors { code } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
MUTE = "mutation($id: ID!) { mute(userId: $id) { userErrors { code } } }"
PROTECT = "mutation($on: Boolean!) { updateProfile(input: {isProtected: $on}) { userErrors { code } } }"
LEAVE = 'mutation { deleteAccount(password: "correct horse") { userErrors { code } } }'


def texts(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["text"] for edge in connection["edges"]]


async def search(person: Person, query: str, **more: Any) -> list[str]:
    return texts((await person.ask(SEARCH, query=query, **more))["searchTweets"])


async def test_each_operator_finds_what_it_says(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.follow(bob)
    plain = await bob.post("zq Rooks are running")
    await alice.post("zq a reply", inReplyTo=plain)
    await alice.post("zq a quote", quoted=plain)
    await bob.post(f"zq hello @{alice.handle} #Café")
    await alice.post("zq see www.example.org/page")
    plain_text, reply, quote = "zq Rooks are running", "zq a reply", "zq a quote"
    hello, link = f"zq hello @{alice.handle} #Café", "zq see www.example.org/page"
    expected = {
        "zq": [link, hello, quote, reply, plain_text],
        "zq rook run": [plain_text],
        'zq "running are"': [],
        'zq "rooks are"': [plain_text],
        "zq -rook -see": [hello, quote, reply],
        "zq rook OR zq see": [link, plain_text],
        "zq #cafe": [hello],
        f"zq @{alice.handle}": [hello],
        f"zq mentions:{alice.handle}": [hello],
        f"zq from:{bob.handle}": [hello, plain_text],
        f"zq to:{bob.handle}": [reply],
        "zq from:nobody_at_all": [],
        "zq -from:nobody_at_all see": [link],
        "zq has:links": [link],
        "zq has:mentions": [hello],
        "zq -has:hashtags has:mentions": [],
        "zq is:reply": [reply],
        "zq is:quote": [quote],
        "zq filter:follows": [hello, plain_text],
        "zq url:example.org": [link],
        "zq lang:xx": [],
        "zq since:2020-01-01": [link, hello, quote, reply, plain_text],
        "zq until:2020-01-01": [],
    }
    assert {query: await search(alice, query) for query in expected} == expected
    assert texts((await alice.ask(MENTIONS))["viewer"]["mentions"]) == [hello]
    assert texts((await alice.ask(HASHTAG, name="CAFE"))["hashtag"]["tweets"]) == [hello]


async def test_likes_and_retweets_are_counted_and_make_the_top(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    liked, retweeted = await alice.post("zx liked #zx"), await alice.post("zx retweeted #zx")
    await alice.post("zx plain #zx")
    await bob.act(LIKE, id=liked)
    await bob.act(RETWEET, id=retweeted)
    await shared_service.settle()
    assert await search(alice, "zx min_likes:1") == ["zx liked #zx"]
    assert await search(alice, "zx min_retweets:1") == ["zx retweeted #zx"]
    assert await search(alice, "zx -min_likes:1") == ["zx plain #zx", "zx retweeted #zx"]
    assert await search(alice, "zx min_likes:0 -min_retweets:1") == ["zx plain #zx", "zx liked #zx"]
    top = ["zx retweeted #zx", "zx liked #zx", "zx plain #zx"]
    assert await search(alice, "zx", sort="TOP") == top
    assert texts((await alice.ask(HASHTAG, name="zx", sort="TOP"))["hashtag"]["tweets"]) == top

    first = (await alice.ask(SEARCH, query="zx", sort="TOP", first=1))["searchTweets"]
    await alice.act(LIKE, id=liked)
    await bob.post("zx new #zx")
    await shared_service.settle()
    cursor, seen = first["pageInfo"]["endCursor"], texts(first)
    while cursor is not None:
        page = (await alice.ask(SEARCH, query="zx", sort="TOP", first=1, after=cursor))["searchTweets"]
        seen += texts(page)
        cursor = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    assert seen == top


async def test_what_may_not_be_seen_is_not_found_at_once(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    await alice.follow(carol)
    await bob.post("zv bob #zv")
    gone = await bob.post("zv gone #zv")
    await carol.post("zv carol #zv")
    assert await search(alice, "zv") == ["zv carol #zv", "zv gone #zv", "zv bob #zv"]
    await bob.delete(gone)
    assert await search(alice, "zv") == ["zv carol #zv", "zv bob #zv"]
    await carol.act(PROTECT, on=True)
    assert await search(alice, "zv") == ["zv carol #zv", "zv bob #zv"]
    assert await search(bob, "zv") == ["zv bob #zv"]
    nobody = await shared_service.ask(SEARCH, {"query": "zv"})
    assert texts(nobody["data"]["searchTweets"]) == ["zv bob #zv"]
    await alice.act(MUTE, id=bob.id)
    assert await search(alice, "zv") == ["zv carol #zv", "zv bob #zv"]
    await bob.act(BLOCK, id=alice.id)
    for sort in ("LATEST", "TOP"):
        assert await search(alice, "zv", sort=sort) == ["zv carol #zv"]
    assert texts((await alice.ask(HASHTAG, name="zv"))["hashtag"]["tweets"]) == ["zv carol #zv"]
    await carol.act(LEAVE)
    assert await search(alice, "zv") == []


async def test_pages_fit_together_whatever_was_deleted(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    posted = [await alice.post(f"zp {number}") for number in range(7)]
    first = (await alice.ask(SEARCH, query="zp", first=3))["searchTweets"]
    assert (texts(first), first["pageInfo"]["hasNextPage"]) == (["zp 6", "zp 5", "zp 4"], True)
    assert not first["pageInfo"]["hasPreviousPage"]
    await alice.delete(posted[4])
    second = (await alice.ask(SEARCH, query="zp", first=3, after=first["pageInfo"]["endCursor"]))["searchTweets"]
    assert (texts(second), second["pageInfo"]["hasNextPage"]) == (["zp 3", "zp 2", "zp 1"], True)
    third = (await alice.ask(SEARCH, query="zp", first=3, after=second["pageInfo"]["endCursor"]))["searchTweets"]
    assert (texts(third), third["pageInfo"]["hasNextPage"]) == (["zp 0"], False)


async def test_retweets_are_no_hits(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await bob.act(RETWEET, id=await alice.post("zr once"))
    assert await search(alice, "zr") == ["zr once"]
    assert await search(alice, f"from:{bob.handle}") == []


async def test_a_tweet_is_found_within_a_second(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("zs new")
    posted, asked = time.monotonic(), list[float]()

    async def is_found() -> bool:
        asked.append(time.monotonic())
        return await search(alice, "zs") == ["zs new"]

    await eventually(is_found)
    assert asked[-1] - posted < 1.0


@pytest.mark.parametrize("typed", ["", "a" * 281, '"zq', "OR", "near:here", "since:now", "zq\0", "a " * 21])
async def test_what_makes_no_sense_is_bad_input(shared_service: Service, typed: str) -> None:
    for sort in ("LATEST", "TOP"):
        answer = await shared_service.ask(SEARCH, {"query": typed, "sort": sort})
        assert codes(answer) == ["BAD_USER_INPUT"]


async def test_bad_pages_and_cursors_are_refused(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("zt #zt")
    for first in (0, 101, -1):
        assert await alice.failed(SEARCH, query="zt", first=first) == ["BAD_USER_INPUT"]
        assert await alice.failed(SEARCH, query="zt", first=first, sort="TOP") == ["BAD_USER_INPUT"]
    latest = (await alice.ask(SEARCH, query="zt"))["searchTweets"]["pageInfo"]["endCursor"]
    for document, variables in ((SEARCH, {"query": "zt", "sort": "TOP"}), (HASHTAG, {"name": "zt"})):
        answer = await shared_service.ask(document, {**variables, "after": latest}, alice.token)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_CURSOR"]
    assert await alice.failed(SEARCH, query="zt", after="nonsense") == ["BAD_CURSOR"]


async def test_pages_cost_what_other_pages_of_as_many_cost_beside_their_work(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")

    async def cost(field: str) -> int:
        document = f"{{ rateLimit {{ cost }} {field} {{ edges {{ node {{ ... on Node {{ id }} }} }} }} }}"
        points: int = (await alice.ask(document))["rateLimit"]["cost"]
        return points

    of_a_page = await cost("homeTimeline(first: 50)") - WORK.fields["Query.homeTimeline"].points
    assert of_a_page > 50
    for field in ("searchTweets", "searchUsers"):
        work = WORK.fields[f"Query.{field}"].points
        assert await cost(f'{field}(query: "zc", first: 50)') == of_a_page + work
    lists = 'searchTweets(query: "zc", first: 100) { edges { node { replies(first: 100) { edges { node { id } } } } } }'
    assert await alice.failed(f"{{ {lists} }}") == ["QUERY_TOO_COMPLEX"]


async def test_whom_the_viewer_follows_is_asked_of_a_viewer_alone(shared_service: Service) -> None:
    assert codes(await shared_service.ask(SEARCH, {"query": "filter:follows"})) == ["UNAUTHENTICATED"]


async def test_what_is_typed_is_no_operator_of_the_database(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("zu $where .* {$ne: 1} plain")
    assert await search(alice, "zu $where") == ["zu $where .* {$ne: 1} plain"]
    assert await search(alice, "zu pl.*") == []
    assert await search(alice, '"$where" "$ne: 1" $terms') == []
