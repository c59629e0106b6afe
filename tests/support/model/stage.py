"""The stage of a story: people of the real API, the model, and the mapping between their ids."""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

from datastore.moderation.records import DecisionRecord
from tests.support.model.items import Item, Retweet
from tests.support.model.model import Model
from tests.support.people import Person, sign_up
from tests.support.pictures import without_files
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service

# Hashing passwords is slow on purpose; too many concurrent sign-ups time out.
_AT_ONCE = 4
_numbers = itertools.count()
BIO = "lives in a tower"
"""Those of everybody."""
_DESCRIBE = """mutation Describe($input: UpdateProfileInput!) {
  updateProfile(input: $input) { user { avatarUrl } userErrors { code } } }"""


@dataclass(slots=True)
class Stage:
    """`tweet_ids` and `list_ids` are the API's ids by the model's, deleted ones too. `decision_ids` are the removals by
    the model's tweets. The moderator is no person of the model.

    `cursors` are those that a person saw at an item of their home timeline, `read` the item of their read cursor.
    Hashtags of one stage end in its `number`. `avatars` are addresses by handle, `decisions` those that stand. `log` is
    the story in words.
    """

    service: Service
    people: list[Person]
    moderator: Person
    model: Model
    number: int = field(default_factory=_numbers.__next__)
    tweet_ids: dict[int, str] = field(default_factory=dict)
    cursors: dict[tuple[str, int], str] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    list_ids: dict[int, str] = field(default_factory=dict)
    avatars: dict[str, str] = field(default_factory=dict)
    decisions: list[DecisionRecord] = field(default_factory=list)
    decision_ids: dict[int, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        self.log.append(line)

    def agree(self, what: str, found: object, expected: object) -> None:
        """Raises AssertionError with the whole story where the two differ."""
        if found != expected:
            raise AssertionError("\n".join([f"{what}:", f"  got    {found}", f"  wanted {expected}", *self.log]))

    @property
    def shown(self) -> Model:
        """The model of which answers are made."""
        return self.model.shown()

    def person(self, handle: str) -> Person:
        return next(person for person in self.people if person.handle == handle)

    def active(self) -> list[Person]:
        """People who can act."""
        return [person for person in self.people if self.model.is_there(person.handle)]

    def item(self, node: dict[str, Any]) -> Item:
        """The model's item of a timeline node; a number of 0 where the model has none."""
        if node["__typename"] == "Retweet":
            tweet, who = self.tweet_number(node["tweet"]["id"]), node["user"]["handle"]
            return self.model.retweet_by(who, tweet) or Retweet(0, who, tweet)
        number = self.tweet_number(node["id"])
        return self.model.tweets.get(number) or Retweet(0, "nobody", number)

    def tweet_number(self, tweet_id: str) -> int:
        return next(number for number, known in self.tweet_ids.items() if known == tweet_id)


async def set_up(service: Service, people: int) -> Stage:
    cast: list[Person] = []
    while missing := min(_AT_ONCE, people - len(cast)):
        cast += await asyncio.gather(*[sign_up(service, "person") for _ in range(missing)])
    avatars = dict(zip([person.handle for person in cast], await asyncio.gather(*map(_describe, cast)), strict=True))
    return Stage(service, cast, await sign_up_moderator(service), Model(avatars), avatars=avatars)


async def _describe(person: Person) -> str:
    """Returns the address of their picture."""
    described = await person.act(_DESCRIBE, input={"bio": BIO, "avatar": await without_files(person)})
    address: str = described["user"]["avatarUrl"]
    return address
