"""Edits beside posts, one after another: the time of an answer, and the time until a search finds the new words."""

import secrets
from statistics import median
from time import perf_counter

import httpx
import structlog

from bench.chaos.load.users import Person, Users, create_users
from bench.deployment.stack import running_stack
from bench.harness.figures import Figure
from bench.harness.waiting import until
from datastore.stores import open_stores

PEOPLE, PAIRS, SEARCHED, WARM_UP = 60, 200, 20, 20
MOST_POSTS, MOST_SECONDS = 3.0, 1.0
_POST = """mutation Post($text: String!) { postTweet(input: {text: $text}) { tweet { id } userErrors { code } } }"""
_EDIT = """mutation Edit($id: ID!, $text: String!) { editTweet(input: {id: $id, text: $text}) {
  tweet { id } userErrors { code } } }"""
_SEARCH = "query Search($word: String!) { searchTweets(query: $word) { edges { node { id } } } }"


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with (
        running_stack() as stack,
        open_stores(stack.settings) as stores,
        httpx.AsyncClient(base_url=stack.url, timeout=30.0) as http,
    ):
        users = await create_users(stores, stack.settings, http, people=PEOPLE, authors=PEOPLE)
        pairs = [await _pair(users, users.people[number % PEOPLE]) for number in range(WARM_UP + PAIRS)][WARM_UP:]
        found = [await _found_after(users, users.people[number]) for number in range(SEARCHED)]
    posts, edits = (median(times) for times in zip(*pairs, strict=True))
    ratio, slowest = edits / posts, max(found)
    return [
        Figure(
            "edits",
            f"{PAIRS} edits beside as many posts, medians",
            f"{edits * 1000:.1f} ms, a post {posts * 1000:.1f} ms",
            f"{MOST_POSTS:g} posts: {'met' if ratio <= MOST_POSTS else 'missed'}",
            f"{ratio:.2f} posts",
        ),
        Figure(
            "edits",
            f"until a search finds the new words, slowest of {SEARCHED}",
            f"{slowest * 1000:.0f} ms after the answer",
            f"{MOST_SECONDS:g} s: {'met' if slowest <= MOST_SECONDS else 'missed'}",
        ),
    ]


async def _pair(users: Users, person: Person) -> tuple[float, float]:
    """Seconds of a post, and of an edit of it to a text of the same kind, with a hashtag."""
    began = perf_counter()
    tweet = await _act(users, person, _POST, text=_text())
    between = perf_counter()
    await _act(users, person, _EDIT, id=tweet, text=_text())
    return between - began, perf_counter() - between


async def _found_after(users: Users, person: Person) -> float:
    word = f"edited{secrets.token_hex(4)}"
    tweet = await _act(users, person, _POST, text=_text())
    await _act(users, person, _EDIT, id=tweet, text=f"{_text()} {word}")
    began = perf_counter()

    async def is_found() -> bool:
        answer = await users.ask(person, _SEARCH, word=word)
        return bool(answer.data and answer.data["searchTweets"]["edges"])

    await until(is_found)
    return perf_counter() - began


async def _act(users: Users, person: Person, document: str, **variables: str) -> str:
    """Returns the tweet's id. Raises RuntimeError for a refusal."""
    answer = await users.ask(person, document, **variables)
    if answer.trouble is not None:
        raise RuntimeError(answer.trouble)
    (payload,) = answer.data.values()
    if payload["userErrors"]:
        raise RuntimeError(str(payload["userErrors"]))
    tweet_id: str = payload["tweet"]["id"]
    return tweet_id


def _text() -> str:
    return f"A nest of {secrets.token_hex(6)} stands in a tall elm #nests{secrets.randbelow(50)}"
