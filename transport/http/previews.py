"""OpenGraph tags of links to a tweet or a person, for previews on other sites: content that anybody may read, alone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from core.errors import ErrorCode

# A page never waits longer for its tags.
READ_SECONDS = 0.5
SITE_NAME = "Rookery"
PICTURE_PATH = "/icon.png"
TWEET = """query TweetPreview($id: ID!) { tweet(id: $id) {
  text contentWarning isSensitive media { altText variants { size url } }
  author { handle name isProtected avatarUrl } } }"""
PERSON = "query PersonPreview($handle: String!) { user(handle: $handle) { handle name bio isProtected avatarUrl } }"

ReadSignedOut = Callable[[Request, str, dict[str, object]], Awaitable[Mapping[str, Any]]]
"""Answers a query with its variables as if nobody were signed in; raises nothing."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Tags for the document's head; `title` is None if there is nothing to tell. `status` is 404 for what can't be."""

    title: str | None = None
    tags: str = ""
    status: HTTPStatus = HTTPStatus.OK


NOTHING = Preview()
ABSENT = Preview(status=HTTPStatus.NOT_FOUND)


async def preview_of(read: ReadSignedOut, request: Request) -> Preview:
    """For /tweets/{id} and /people/{handle}, and addresses below them."""
    kind, name = request.url.path.split("/")[1:3]
    try:
        async with asyncio.timeout(READ_SECONDS):
            if kind == "tweets":
                return _of_tweet(await read(request, TWEET, {"id": name}), request)
            return _of_person(await read(request, PERSON, {"handle": name.removeprefix("@")}), request)
    except TimeoutError:
        return NOTHING


def _of_tweet(answer: Mapping[str, Any], request: Request) -> Preview:
    if _is_refused(answer):
        return ABSENT
    # Null for whoever may not read it, too: they may be signed in and then read it.
    tweet = (answer.get("data") or {}).get("tweet")
    if tweet is None or tweet["author"]["isProtected"]:
        return NOTHING
    author = tweet["author"]
    warning = tweet["contentWarning"]
    if warning is not None:
        return _preview("article", author, f"Content warning: {warning}", request)
    described = " · ".join(one["altText"] for one in tweet["media"] if one["altText"])
    return _preview("article", author, tweet["text"] or described, request, _shown_picture(tweet))


def _shown_picture(tweet: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Tags of the tweet's first picture; None where it has none, or covers it."""
    for picture in () if tweet["isSensitive"] else tweet["media"]:
        for variant in picture["variants"]:
            if variant["size"] == "LARGE":
                shown = {"og:image": variant["url"], "og:image:alt": picture["altText"] or ""}
                return {**shown, "twitter:card": "summary_large_image"}
    return None


def _of_person(answer: Mapping[str, Any], request: Request) -> Preview:
    data = answer.get("data")
    if not data:
        return NOTHING
    person = data["user"]
    if person is None:
        return ABSENT
    if person["isProtected"]:
        return NOTHING
    return _preview("profile", person, person["bio"] or "", request)


def _is_refused(answer: Mapping[str, Any]) -> bool:
    return any(error["extensions"]["code"] == ErrorCode.BAD_USER_INPUT for error in answer.get("errors") or ())


def _preview(
    kind: str, person: Mapping[str, Any], text: str, request: Request, picture: Mapping[str, str] | None = None
) -> Preview:
    """With the person's face, unless there is a `picture`."""
    title = f"{person['name']} (@{person['handle']})"
    tags = {
        "og:site_name": SITE_NAME,
        "og:type": kind,
        "og:title": title,
        "og:description": text,
        "og:url": str(request.url.replace(query="")),
        "og:image": person["avatarUrl"] or str(request.url.replace(path=PICTURE_PATH, query="")),
        "og:image:alt": title if person["avatarUrl"] else SITE_NAME,
        "twitter:card": "summary",
        **(picture or {}),
    }
    lines = [f'<meta property="{name}" content="{escape(content)}">' for name, content in tags.items() if content]
    return Preview(f"{title} · {SITE_NAME}", "\n    ".join(lines))
