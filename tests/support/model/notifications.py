"""Brute-force model of notifications, computed from the changes of the model's facts after each act."""

from dataclasses import dataclass, field

from tests.support.model.answers import matches
from tests.support.model.items import Tweet
from tests.support.model.model import Model
from tests.support.model.text import fold, mentions

KINDS = ("LIKE", "RETWEET", "QUOTE", "REPLY", "MENTION", "FOLLOW", "FOLLOW_REQUEST")
GROUPED = ("LIKE", "RETWEET", "FOLLOW")
DECISION = "DECISION"
"""Kind of what tells of a decision of moderators: it has no actors, and nothing hides it."""
MOST_ACTORS, MOST_UNREAD = 8, 100


@dataclass(frozen=True, slots=True)
class Fact:
    """An act that holds: its actor, its recipients with the kind of notification, its tweet and the text of a post."""

    actor: str
    recipients: tuple[tuple[str, str], ...]
    tweet: int | None
    text: str = ""


@dataclass(slots=True)
class Group:
    """A notification; `acts` has actors by the numbers of their acts.

    `text` is that of equal posts that mention its reader, of which the oldest is shown.
    """

    kind: str
    about: int | None
    text: str | None = None
    is_read: bool = False
    acts: dict[int, str] = field(default_factory=dict)

    @property
    def tweet(self) -> int | None:
        return self.about if self.text is None else min(self.acts)


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A notification as its reader sees it."""

    kind: str
    actors: tuple[str, ...]
    count: int
    tweet: int | None
    is_read: bool


class NotificationModel:
    """Call `catch_up` after each act of the model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.groups: dict[str, list[Group]] = {person: [] for person in model.people}
        self.audiences: dict[tuple[str, str], str] = {}
        self._facts: dict[int, Fact] = {}
        self._asked: set[tuple[str, str]] = set()

    def catch_up(self) -> None:
        facts = self._standing()
        for number in self._facts.keys() - facts.keys():
            self._undo(number)
        for number in sorted(facts.keys() - self._facts.keys()):
            self._do(number, facts[number])
        self._facts, self._asked = facts, set(self.model.requests)

    def mark_read(self, who: str, up_to: int | None) -> None:
        for group in self.groups[who]:
            if up_to is None or max(group.acts) <= up_to:
                group.is_read = True

    def shown(self, viewer: str, chosen: str = "ALL") -> dict[int, NotificationView]:
        """Notifications by the number of their newest act, newest first."""
        found = {max(group.acts): self._seen(viewer, group) for group in self.groups[viewer]}
        return {
            place: found[place]
            for place in sorted(found, reverse=True)
            if (found[place].count or found[place].kind == DECISION) and _is_chosen(found[place], chosen)
        }

    def unread_count(self, viewer: str) -> int:
        return min(len(self.shown(viewer, "UNREAD")), MOST_UNREAD)

    def _seen(self, viewer: str, group: Group) -> NotificationView:
        if group.kind == DECISION:
            return NotificationView(DECISION, (), 0, None, group.is_read)
        actors = [group.acts[number] for number in sorted(group.acts, reverse=True)]
        welcome = [actor for actor in actors if not self._is_unwelcome(viewer, actor)]
        seen = [actor for actor in welcome if self.model.may_come_across(viewer, actor)][:MOST_ACTORS]
        hidden = [actor for actor in _up_to(welcome, seen) if actor not in seen]
        if group.tweet is not None and not self._is_visible(viewer, group.tweet):
            seen = []
        return NotificationView(
            group.kind, tuple(seen), len(welcome) - len(hidden) if seen else 0, group.tweet, group.is_read
        )

    def _do(self, number: int, fact: Fact) -> None:
        for person, kind in fact.recipients:
            if kind == DECISION:
                self.groups[person].append(Group(DECISION, None, acts={number: fact.actor}))
                continue
            if person == fact.actor or person not in self.model.people or self._is_unwelcome(person, fact.actor):
                continue
            if not self.model.may_see_posts(person, fact.actor):
                continue
            audience = self.audiences.get((person, kind), "EVERYONE")
            is_followed = (person, fact.actor) in self.model.follows
            if audience == "EVERYONE" or (audience == "FOLLOWING" and is_followed):
                self._tell(person, kind, number, fact)

    def _tell(self, person: str, kind: str, number: int, fact: Fact) -> None:
        """Who has said the same to this person already tells nothing new."""
        text = " ".join(fold(fact.text).split()) if person.lower() in mentions(fact.text) else None
        group = self._group(person, kind, fact.tweet, text)
        if text is None or fact.actor not in group.acts.values():
            group.acts[number] = fact.actor

    def _undo(self, number: int) -> None:
        for groups in self.groups.values():
            for group in groups:
                group.acts.pop(number, None)
            groups[:] = [group for group in groups if group.acts]

    def _group(self, person: str, kind: str, tweet: int | None, text: str | None) -> Group:
        """The newest unread notification of this kind and tweet, or of an equal text, or a new one."""
        same = [
            group
            for group in self.groups[person]
            if group.kind == kind and (group.text == text if text is not None else group.about == tweet)
        ]
        newest = max(same, key=lambda group: max(group.acts), default=None)
        if newest is not None and not newest.is_read and (kind in GROUPED or text is not None):
            return newest
        self.groups[person].append(Group(kind, tweet, text))
        return self.groups[person][-1]

    def _standing(self) -> dict[int, Fact]:
        model = self.model
        facts = {number: Fact("", ((who, DECISION),), None) for number, who in model.told_of_decisions.items()}
        for (who, tweet), number in model.likes.items():
            facts[number] = Fact(who, ((model.tweets[tweet].author, "LIKE"),), tweet)
        for retweet in model.retweets.values():
            author = model.tweets[retweet.tweet].author
            facts[retweet.id] = Fact(retweet.author, ((author, "RETWEET"),), retweet.tweet)
        for tweet_ in model.tweets.values():
            recipients = (
                self._facts[tweet_.id].recipients if tweet_.id in self._facts else self._tweet_recipients(tweet_)
            )
            facts[tweet_.id] = Fact(tweet_.author, recipients, tweet_.id, tweet_.text)
        for (who, whom), number in model.requests.items():
            facts[number] = Fact(who, ((whom, "FOLLOW_REQUEST"),), None)
        for (who, whom), number in model.follows.items():
            is_known = number in self._facts
            recipients = self._facts[number].recipients if is_known else self._follow_recipients(who, whom)
            facts[number] = Fact(who, recipients, None)
        return facts

    def _follow_recipients(self, who: str, whom: str) -> tuple[tuple[str, str], ...]:
        """Accepting a request gives no notification of the follow."""
        return () if (who, whom) in self._asked else ((whom, "FOLLOW"),)

    def _tweet_recipients(self, tweet: Tweet) -> tuple[tuple[str, str], ...]:
        """Recipients of a tweet, with one kind for each."""
        recipients = {person: "MENTION" for person in self.model.people if person.lower() in mentions(tweet.text)}
        if tweet.quoted is not None:
            recipients[self.model.tweets[tweet.quoted].author] = "QUOTE"
        if tweet.reply_to_author is not None:
            recipients[tweet.reply_to_author] = "REPLY"
        return tuple(recipients.items())

    def _is_unwelcome(self, viewer: str, person: str) -> bool:
        return self.model.is_blocked(viewer, person) or (viewer, person) in self.model.mutes

    def _is_visible(self, viewer: str, number: int) -> bool:
        tweet = self.model.tweets.get(number)
        if tweet is None or not self.model.may_come_across(viewer, tweet.author):
            return False
        return tweet.author == viewer or not any(
            matches(entry, tweet.text) for entry in self.model.muted_words.get(viewer, ())
        )


def _up_to(actors: list[str], shown: list[str]) -> list[str]:
    """The newest actors down to the last one shown; all of them where there is room for more."""
    return actors if len(shown) < MOST_ACTORS else actors[: actors.index(shown[-1]) + 1]


def _is_chosen(view: NotificationView, chosen: str) -> bool:
    return {
        "ALL": True,
        "UNREAD": not view.is_read,
        "MENTIONS": view.kind in {"MENTION", "REPLY", "QUOTE"},
    }[chosen]
