"""Compares lists of tweets and people with the model: page by page, many lists in one request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.model import answers
from tests.support.model.stage import Stage
from tests.support.people import Person

_LISTS_A_REQUEST = 14
_TWEET, _USER = "node { id }", "node { handle }"
_ITEM = "node { __typename ... on Tweet { id } ... on Retweet { tweet { id } user { handle } } }"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list of the API: its root field with handle or id, its own field, and the expected nodes."""

    root: str
    key: str | None
    field: str
    edge: str
    expected: Sequence[int | str]


async def compare_lists(stage: Stage, viewer: Person, around: int, page: int) -> None:
    """Compares the viewer's own lists, and those of some people and tweets, chosen by `around`."""
    people = _some(stage.people, around)
    tweets = _some(sorted(stage.shown.tweets, reverse=True), around)
    lists = _own(stage, viewer.handle)
    for person in people:
        lists += _of_person(stage, viewer.handle, person.handle)
    for tweet in tweets:
        if stage.shown.may_see(viewer.handle, tweet):
            lists += _of_tweet(stage, viewer.handle, tweet)
    found = await _read(stage, viewer, lists, page)
    for wanted, nodes in zip(lists, found, strict=True):
        title = f"{wanted.field} of {wanted.root} {wanted.key} for {viewer.handle}"
        stage.agree(title, nodes, list(wanted.expected))


def _some(all_of_them: Sequence[Any], around: int) -> list[Any]:
    count = len(all_of_them)
    return (
        [all_of_them[place % count] for place in dict.fromkeys((around % count, around * 7 % count))] if count else []
    )


def _own(stage: Stage, viewer: str) -> list[Wanted]:
    model = stage.shown
    return [
        Wanted("viewer", None, "bookmarks", _TWEET, answers.bookmarks(model, viewer)),
        Wanted("viewer", None, "blockedUsers", _USER, answers.blocked(model, viewer)),
        Wanted("viewer", None, "mutedUsers", _USER, answers.muted(model, viewer)),
        Wanted("viewer", None, "followRequests", _USER, answers.follow_requests(model, viewer)),
    ]


def _of_person(stage: Stage, viewer: str, user: str) -> list[Wanted]:
    if user not in stage.shown.people:
        return []
    model = stage.shown
    tweets = [entry.item for entry in answers.user_timeline(model, viewer, user, with_replies=False)]
    posts = [entry.item for entry in answers.user_timeline(model, viewer, user, with_replies=True)]
    return [
        Wanted("user", user, "tweets", _ITEM, tweets),
        Wanted("user", user, "tweets(include: TWEETS_AND_REPLIES)", _ITEM, posts),
        Wanted("user", user, "likes", _TWEET, answers.likes(model, viewer, user)),
        Wanted("user", user, "followers", _USER, answers.followers(model, viewer, user)),
        Wanted("user", user, "following", _USER, answers.following(model, viewer, user)),
        Wanted("user", user, "followersYouKnow", _USER, answers.followers_you_know(model, viewer, user)),
    ]


def _of_tweet(stage: Stage, viewer: str, tweet: int) -> list[Wanted]:
    model, key = stage.shown, stage.tweet_ids[tweet]
    return [
        Wanted("tweet", key, "replies", _TWEET, answers.replies(model, viewer, tweet, top=True)),
        Wanted("tweet", key, "replies(sort: LATEST)", _TWEET, answers.replies(model, viewer, tweet, top=False)),
        Wanted("tweet", key, "quotes", _TWEET, answers.quotes(model, viewer, tweet)),
        Wanted("tweet", key, "likedBy", _USER, answers.liked_by(model, viewer, tweet)),
        Wanted("tweet", key, "retweetedBy", _USER, answers.retweeted_by(model, viewer, tweet)),
    ]


async def _read(stage: Stage, viewer: Person, lists: Sequence[Wanted], page: int) -> list[list[int | str]]:
    found: list[list[int | str]] = [[] for _ in lists]
    waiting: list[tuple[int, str | None]] = [(place, None) for place in range(len(lists))]
    while waiting:
        asked, waiting = waiting[:_LISTS_A_REQUEST], waiting[_LISTS_A_REQUEST:]
        pages = await _pages(viewer, [(lists[place], after) for place, after in asked], page)
        for (place, _), connection in zip(asked, pages, strict=True):
            found[place] += [_node(stage, edge["node"]) for edge in connection["edges"]]
            if connection["pageInfo"]["hasNextPage"] and len(found[place]) <= len(lists[place].expected):
                waiting.append((place, connection["pageInfo"]["endCursor"]))
    return found


async def _pages(viewer: Person, asked: Sequence[tuple[Wanted, str | None]], page: int) -> list[dict[str, Any]]:
    declared, fields, variables = ["$first: Int!"], list[str](), dict[str, Any](first=page)
    for place, (wanted, after) in enumerate(asked):
        name, _, more = wanted.field.rstrip(")").partition("(")
        connection = f"{{ edges {{ {wanted.edge} }} pageInfo {{ hasNextPage endCursor }} }}"
        root, kind = {
            "viewer": ("viewer", ""),
            "user": (f"user(handle: $key{place})", "String"),
            "tweet": (f"tweet(id: $key{place})", "ID"),
        }[wanted.root]
        fields.append(f"list{place}: {root} {{ {name}(first: $first, after: $after{place} {more}) {connection} }}")
        declared += [f"$after{place}: String"] + ([f"$key{place}: {kind}!"] if kind else [])
        variables |= {f"after{place}": after} | ({f"key{place}": wanted.key} if kind else {})
    data = await viewer.ask(f"query Lists({', '.join(declared)}) {{ {' '.join(fields)} }}", **variables)
    return [connection for place in range(len(asked)) for connection in data[f"list{place}"].values()]


def _node(stage: Stage, node: dict[str, Any]) -> int | str:
    if "__typename" in node:
        return stage.item(node).id
    return str(node["handle"]) if "handle" in node else stage.tweet_number(node["id"])
