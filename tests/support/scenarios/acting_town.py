"""People who act through API processes that may die, and what must stand afterwards, by their acknowledged acts."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person
from tests.support.scenarios.timelines.resuming_client import RetryingApi
from tests.support.service import Service

ACTS = {
    "like": ("like", "unlike", "tweetId"),
    "retweet": ("retweet", "unretweet", "tweetId"),
    "bookmark": ("bookmark", "unbookmark", "tweetId"),
    "follow": ("follow", "unfollow", "userId"),
    "muteConversation": ("muteConversation", "unmuteConversation", "tweetId"),
}
_UNTOLD = ("bookmark", "muteConversation")
STORED = {
    "like": ("likes", "user", "target"),
    "retweet": ("tweets", "author", "retweet_of"),
    "bookmark": ("bookmarks", "user", "target"),
    "follow": ("follows", "follower", "followee"),
    "muteConversation": ("conversation_mutes", "user", "conversation"),
}
POST = "mutation Post($input: PostTweetInput!) { act: postTweet(input: $input) { tweet { id } userErrors { code } } }"

EDIT = "mutation Edit($input: EditTweetInput!) { act: editTweet(input: $input) { tweet { id } userErrors { code } } }"
_MOST_EDITS = 5


class Wish(NamedTuple):
    """An act of a person on a tweet or on another person, to be done or undone."""

    who: int
    kind: str
    target: str


@dataclass(slots=True)
class Town:
    """`tweets`: texts, by id, of the tweets that are acted on. `done`: acts that stand. `posts`: authors and texts.

    `edits`: whom each edit of a tweet mentions, by tweets. `acted` is set when an act is acknowledged.
    """

    service: Service
    api: RetryingApi
    people: Sequence[Person]
    dice: random.Random
    tweets: dict[str, str] = field(default_factory=dict)
    done: set[Wish] = field(default_factory=set)
    posts: list[tuple[int, str]] = field(default_factory=list)
    edits: dict[str, list[int]] = field(default_factory=dict)
    acted: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: "count[int]" = field(default_factory=count)

    def wishes_of(self, who: int) -> Iterator[Wish]:
        others = [other.id for other in self.people if other is not self.people[who]]
        for kind, (_, _, argument) in ACTS.items():
            if kind == "muteConversation" and who < self._mentionable:
                continue
            yield from (Wish(who, kind, target) for target in (self.tweets if argument == "tweetId" else others))

    async def toggle(self, wish: Wish) -> None:
        """Does the act, or undoes it if it stands."""
        do, undo, argument = ACTS[wish.kind]
        name = undo if wish in self.done else do
        document = f"mutation Act($id: ID!) {{ act: {name}({argument}: $id) {{ userErrors {{ code }} }} }}"
        answer = await self.api.ask(document, self.people[wish.who].token, id=wish.target)
        assert answer == {"act": {"userErrors": []}}
        self.done ^= {wish}
        self.acted.set()

    async def post(self, who: int) -> str:
        """Returns the tweet's id."""
        text = f"tweet {next(self.numbers)}"
        answer = await self.api.ask(POST, self.people[who].token, input={"text": text, "idempotencyKey": text})
        assert answer["act"]["userErrors"] == []
        self.posts.append((who, text))
        self.acted.set()
        tweet_id: str = answer["act"]["tweet"]["id"]
        return tweet_id

    async def post_to_act_on(self, who: int) -> None:
        tweet_id = await self.post(who)
        self.tweets[tweet_id] = self.posts[-1][1]

    async def edit(self) -> None:
        """Gives one of the tweets another text, which mentions somebody; nothing once all were edited five times."""
        open_ = [one for one in self.tweets if len(self.edits.get(one, ())) < _MOST_EDITS]
        if not open_:
            return
        tweet_id = self.dice.choice(open_)
        author = self._author(tweet_id)
        mentioned = self.dice.choice([who for who in range(self._mentionable) if who != author])
        text = f"edit {next(self.numbers)} @{self.people[mentioned].handle}"
        self.edits.setdefault(tweet_id, []).append(mentioned)
        wanted = {"id": tweet_id, "text": text}
        answer = await self.api.ask(EDIT, self.people[author].token, input=wanted)
        assert answer["act"]["userErrors"] == []
        self.posts[self.posts.index((author, self.tweets[tweet_id]))] = (author, text)
        self.tweets[tweet_id] = text
        self.acted.set()

    @property
    def _mentionable(self) -> int:
        """Number of people who mute no thread, so that each edit that mentions one of them is told."""
        return len(self.people) // 2

    async def check(self) -> None:
        """Compares acts, notifications and home timelines with what was acknowledged."""
        await self._check_acts()
        await self._check_notifications()
        for who in range(len(self.people)):
            await self._check_home(who)

    async def _check_acts(self) -> None:
        for kind, (collection, actor, target) in STORED.items():
            rows = self._rows(collection, {target: {"$gt": 0}, "until": {"$in": [0, None]}})
            found = [(row[actor], row[target]) async for row in rows]
            wanted = [(self._number(one.who), target_of(one)) for one in self.done if one.kind == kind]
            assert sorted(found) == sorted(wanted), kind

    async def _check_notifications(self) -> None:
        """Each act on others that stands is told, once."""
        kinds = {row["_id"]: row["kind"] async for row in self._rows("notifications")}
        found = [
            (act["actor"], kinds[act["group"]], act["tweet"] or act["user"])
            async for act in self._rows("notification_acts")
        ]
        wanted = [
            (self._number(one.who), one.kind.upper(), target_of(one))
            for one in self.done
            if one.kind not in _UNTOLD and self._author_of(one) != one.who
        ]
        wanted += [
            (self._number(self._author(tweet_id)), "MENTION", decode_id(tweet_id, NodeType.TWEET))
            for tweet_id in self.edits
        ]
        assert sorted(found) == sorted(wanted)

    async def _check_home(self, who: int) -> None:
        """Each tweet by the circle, or retweeted by it, once."""
        ids = {person.id: number for number, person in enumerate(self.people)}
        circle = {who, *(ids[one.target] for one in self.done if (one.who, one.kind) == (who, "follow"))}
        by_circle = {text for author, text in self.posts if author in circle}
        shown = {self.tweets[one.target] for one in self.done if one.kind == "retweet" and one.who in circle}
        assert sorted(await self._home_texts(self.people[who])) == sorted(by_circle | shown)

    async def _home_texts(self, person: Person) -> list[str]:
        """Texts of all pages of the home timeline."""
        texts, page = list[str](), await person.home()
        while True:
            nodes = [edge["node"] for edge in page["edges"]]
            texts += [node.get("text") or node["tweet"]["text"] for node in nodes]
            if not page["pageInfo"]["hasNextPage"]:
                return texts
            page = await person.home(after=page["pageInfo"]["endCursor"])

    def _rows(self, collection: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.service.stores.mongo.collection(collection).find(query or {})

    def _number(self, who: int) -> int:
        return decode_id(self.people[who].id, NodeType.USER)

    def _author_of(self, wish: Wish) -> int | None:
        """The author of a wish's tweet; None for a person."""
        return self._author(wish.target) if wish.target in self.tweets else None

    def _author(self, tweet_id: str) -> int:
        return next(author for author, text in self.posts if text == self.tweets[tweet_id])


def target_of(wish: Wish) -> int:
    return decode_id(wish.target, NodeType.USER if wish.kind == "follow" else NodeType.TWEET)
