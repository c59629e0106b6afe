"""Posting and deleting tweets."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core.text.entities import Entities
from core.text.languages import language_of
from tests.support.people import DELETE, POST, Person, sign_up
from tests.support.service import NO_AUTHORITIES, Service, running_api
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWEET = """query($id: ID!) { tweet(id: $id) {
  id text createdAt lang device isReply conversationId likeCount retweetCount quoteCount replyCount
  author { id } inReplyTo { id } quoted { id }
  entities { mentions { handle start end user { id } } hashtags { tag start end } urls { url start end } } } }"""
MINE = """{ viewer { user { tweetCount tweets(first: 100, include: TWEETS_AND_REPLIES) {
  edges { node { ... on Tweet { id text } } } } } } }"""
UNKNOWN_TWEET = "VHdlZXQ6MQ"  # Tweet:1
NO_ENTITIES: dict[str, Any] = {"mentions": [], "hashtags": [], "urls": []}


async def shown(service: Service, tweet_id: str) -> dict[str, Any] | None:
    """The tweet as an anonymous viewer sees it."""
    tweet: dict[str, Any] | None = (await service.ask(TWEET, {"id": tweet_id}))["data"]["tweet"]
    return tweet


async def counts(service: Service, tweet_id: str, *names: str) -> list[int]:
    tweet = await shown(service, tweet_id)
    assert tweet is not None
    return [tweet[name] for name in names]


async def texts(person: Person) -> list[str]:
    """Texts of all tweets of the user, newest first; asserts that tweetCount is their number."""
    user = (await person.ask(MINE))["viewer"]["user"]
    found = [edge["node"]["text"] for edge in user["tweets"]["edges"]]
    assert user["tweetCount"] == len(found)
    return found


async def test_posted_tweet_says_all_that_is_known(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    tweet_id = await alice.post(" Hello,\nrooks ", device={"kind": "ANDROID", "appVersion": "7", "locale": "en"})
    after = datetime.now(UTC)
    tweet = await shown(shared_service, tweet_id)
    assert tweet is not None
    created_at = tweet.pop("createdAt")
    assert created_at.endswith("Z")
    assert before <= datetime.fromisoformat(created_at) <= after
    assert tweet == {
        "id": tweet_id,
        "text": " Hello,\nrooks ",
        "lang": language_of("Hello, rooks", Entities()),
        "device": "ANDROID",
        "isReply": False,
        "conversationId": tweet_id,
        **dict.fromkeys(("likeCount", "retweetCount", "quoteCount", "replyCount"), 0),
        "author": {"id": alice.id},
        "inReplyTo": None,
        "quoted": None,
        "entities": NO_ENTITIES,
    }
    assert await texts(alice) == [" Hello,\nrooks "]


async def test_text_is_kept_in_its_composed_form(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("Zu\u0308rich")
    assert await texts(alice) == ["Z\u00fcrich"]


async def test_entities_are_placed_by_code_points(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    text = f"👩‍👧 @{bob.handle.upper()} @nobody_at_all #Zürich https://example.org/a?b=c @{bob.handle}"
    tweet = await shown(shared_service, await alice.post(text))
    assert tweet is not None
    entities = tweet["entities"]

    def place(of: str) -> dict[str, int]:
        start = text.index(of)
        return {"start": start, "end": start + len(of)}

    known = {"user": {"id": bob.id}}
    assert entities == {
        "mentions": [
            {"handle": bob.handle.upper(), **place(f"@{bob.handle.upper()}"), **known},
            {"handle": "nobody_at_all", **place("@nobody_at_all"), "user": None},
            {"handle": bob.handle, **place(f"@{bob.handle}"), **known},
        ],
        "hashtags": [{"tag": "Zürich", **place("#Zürich")}],
        "urls": [{"url": "https://example.org/a?b=c", **place("https://example.org/a?b=c")}],
    }
    assert text[: entities["mentions"][0]["start"]] == "👩‍👧 "


async def test_mention_of_nobody_stays_text_when_the_handle_is_taken_later(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    newcomer = f"late_{alice.handle}"[:15]
    tweet_id = await alice.post(f"@{newcomer} hello")
    wanted = {"handle": newcomer, "name": "Late", "email": f"{newcomer}@example.org", "password": "correct horse"}
    register = "mutation($input: RegisterInput!) { register(input: $input) { userErrors { code } } }"
    assert await shared_service.ask(register, {"input": wanted}) == {"data": {"register": {"userErrors": []}}}
    tweet = await shown(shared_service, tweet_id)
    assert tweet is not None
    assert [mention["user"] for mention in tweet["entities"]["mentions"]] == [None]


@pytest.mark.parametrize("field", ["inReplyTo", "quoted"])
async def test_tweet_that_is_not_there_is_neither_answered_nor_quoted(shared_service: Service, field: str) -> None:
    alice = await sign_up(shared_service, "alice")
    gone = await alice.post("gone")
    await alice.delete(gone)
    before = await shared_service.fingerprint()
    for tweet_id in (UNKNOWN_TWEET, gone):
        assert await alice.refused(POST, input={"text": "x", field: tweet_id}) == [("NOT_FOUND", ["input", field])]
    for made_up in ("", "x", alice.id):
        assert await alice.failed(POST, input={"text": "x", field: made_up}) == ["BAD_USER_INPUT"]
    assert await shared_service.fingerprint() == before


async def test_thread_keeps_its_conversation_when_its_tweets_are_deleted(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    root = await alice.post("root")
    answer = await bob.post("answer", inReplyTo=root)
    further = await alice.post("further", inReplyTo=answer)
    assert await counts(shared_service, root, "replyCount") == [1]
    assert await counts(shared_service, answer, "replyCount") == [1]

    await alice.delete(root)
    for tweet_id, parent in ((answer, None), (further, {"id": answer})):
        tweet = await shown(shared_service, tweet_id)
        assert tweet is not None
        assert (tweet["isReply"], tweet["inReplyTo"], tweet["conversationId"]) == (True, parent, root)

    await bob.delete(answer)
    tweet = await shown(shared_service, further)
    assert tweet is not None
    assert (tweet["isReply"], tweet["inReplyTo"], tweet["conversationId"]) == (True, None, root)


async def test_counts_follow_replies_and_quotes_at_once(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("tweet")
    assert await counts(shared_service, tweet, "replyCount", "quoteCount") == [0, 0]
    answer = await bob.post("answer", inReplyTo=tweet)
    quote = await bob.post("quote", quoted=tweet)
    assert await counts(shared_service, tweet, "replyCount", "quoteCount") == [1, 1]
    await bob.delete(answer)
    await bob.delete(quote)
    assert await counts(shared_service, tweet, "replyCount", "quoteCount") == [0, 0]


async def test_quote_stays_with_null_when_the_quoted_is_deleted(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    quoted = await alice.post("quoted")
    quote = await bob.post("quote", quoted=quoted)
    tweet = await shown(shared_service, quote)
    assert tweet is not None
    assert (tweet["quoted"], tweet["isReply"], tweet["conversationId"]) == ({"id": quoted}, False, quote)
    await alice.delete(quoted)
    tweet = await shown(shared_service, quote)
    assert tweet is not None
    assert (tweet["quoted"], tweet["text"]) == (None, "quote")


async def test_deleted_tweet_is_gone_everywhere(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await bob.follow(alice)
    kept, gone = await alice.post("kept"), await alice.post("gone")
    await shared_service.settle()
    assert await bob.home_texts() == ["gone", "kept"]
    assert await alice.act(DELETE, id=gone) == {"deletedId": gone, "userErrors": []}
    assert await shown(shared_service, gone) is None
    assert await texts(alice) == ["kept"]
    assert await bob.home_texts() == ["kept"]
    assert await alice.home_texts() == ["kept"]
    assert (await shown(shared_service, kept) or {})["text"] == "kept"


async def test_only_a_tweet_of_ones_own_is_deleted(shared_service: Service) -> None:
    alice, mallory = await sign_up(shared_service, "alice"), await sign_up(shared_service, "mallory")
    tweet, gone = await alice.post("stays"), await alice.post("gone")
    await alice.delete(gone)
    before = await shared_service.fingerprint()
    assert await mallory.refused(DELETE, id=tweet) == [("NOT_FOUND", ["id"])]
    for tweet_id in (gone, UNKNOWN_TWEET):
        assert await alice.refused(DELETE, id=tweet_id) == [("NOT_FOUND", ["id"])]
    assert await shared_service.fingerprint() == before
    assert await texts(alice) == ["stays"]


async def test_tweet_is_deleted_once_however_many_ask(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    tweet = await alice.post("gone")
    answers = await asyncio.gather(*[alice.ask(DELETE, id=tweet) for _ in range(5)])
    assert sorted(len(answer["deleteTweet"]["userErrors"]) for answer in answers) == [0, 1, 1, 1, 1]
    assert await texts(alice) == []


async def test_acknowledged_posts_stand_in_order_whichever_server_took_them(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await bob.follow(alice)
    await shared_service.settle()
    expected = [f"tweet {number}" for number in range(60)]
    async with (
        running_api(shared_service.settings) as url,
        httpx.AsyncClient(base_url=url, timeout=20, verify=NO_AUTHORITIES) as http,
    ):
        other = Service(url, shared_service.settings, shared_service.stores, http)
        beyond = Person(other, alice.id, alice.handle, alice.token, alice.refresh_token)
        for number, text in enumerate(expected):
            await (alice, beyond)[number % 2].post(text)

    async def all_there() -> bool:
        return len(await bob.home_texts()) == len(expected)

    await eventually(all_there)
    assert await bob.home_texts() == expected[::-1]
    assert await texts(alice) == expected[::-1]
