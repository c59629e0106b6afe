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
_ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Fact:
    """An act that holds: its actor, its recipients with the kind of notification, its tweet and the text of a post.

    An edit is an act of its own, which concerns those whom it newly mentions. `accepted_by` is who accepted a request
    to follow them.
    """

    actor: str
    recipients: tuple[tuple[str, str], ...]
    tweet: int | None
    text: str = ""
    accepted_by: str = ""


@dataclass(slots=True)
class Group:
    """A notification; `acts` has actors by the numbers of their acts.

    `text` is that of equal posts that mention its reader, of which the oldest is shown; `tweets` has them by the acts.
    """

    kind: str
    about: int | None
    text: str | None = None
    is_read: bool = False
    acts: dict[int, str] = field(default_factory=dict)
    tweets: dict[int, int | None] = field(default_factory=dict)

    @property
    def tweet(self) -> int | None:
        return self.about if self.text is None else self.tweets[min(self.acts)]


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A notification as its reader sees it."""

    kind: str
    actors: tuple[str, ...]
    count: int
    tweet: int | None
    is_read: bool


class NotificationModel:
    """Call `catch_up` after each act of the model.

    `voices_count`: a text that a person was told already, repeated by somebody else whom they do not follow, tells
    nothing; all accounts of a story are new.
    """

    def __init__(self, model: Model, *, voices_count: bool) -> None:
        self.model, self._voices_count = model, voices_count
        self.groups: dict[str, list[Group]] = {person: [] for person in model.people}
        self.audiences: dict[tuple[str, str], str] = {}
        self._facts: dict[int, Fact] = {}
        self._asked: set[tuple[str, str]] = set()

    def catch_up(self) -> None:
        facts = self._standing()
        for number in self._facts.keys() - facts.keys():
            self._undo(number)
        for number in facts.keys() & self._facts.keys():
            for person in dict(self._facts[number].recipients).keys() - dict(facts[number].recipients).keys():
                self._take_back(self.groups[person], number)
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
            actor = fact.accepted_by if kind == _ACCEPTED else fact.actor
            if person == actor or person not in self.model.people or self._is_unwelcome(person, actor):
                continue
            if not self.model.may_see_posts(person, actor):
                continue
            shown_kind = "FOLLOW" if kind == _ACCEPTED else kind
            audience = self.audiences.get((person, shown_kind), "EVERYONE")
            is_followed = (person, actor) in self.model.follows
            if audience == "EVERYONE" or (audience == "FOLLOWING" and is_followed):
                text = _ACCEPTED if kind == _ACCEPTED else _text(person, fact)
                is_of_crowd = self._voices_count and not is_followed and text not in (None, _ACCEPTED)
                said = self._newest(person, shown_kind, fact.tweet, text)
                if is_of_crowd and said is not None and actor not in said.acts.values():
                    continue
                self._tell(self._group(person, shown_kind, fact.tweet, text), number, actor, fact.tweet)

    def _tell(self, group: Group, number: int, actor: str, tweet: int | None) -> None:
        """An actor who has said the same to this person already tells nothing new."""
        if group.text is None or actor not in group.acts.values():
            group.acts[number] = actor
            group.tweets[number] = tweet

    def _undo(self, number: int) -> None:
        for groups in self.groups.values():
            self._take_back(groups, number)

    def _take_back(self, groups: list[Group], number: int) -> None:
        for group in groups:
            group.acts.pop(number, None)
        groups[:] = [group for group in groups if group.acts]

    def _group(self, person: str, kind: str, tweet: int | None, text: str | None) -> Group:
        """The newest unread notification of this kind and tweet, or of an equal text, or a new one."""
        newest = self._newest(person, kind, tweet, text)
        if newest is not None and not newest.is_read and (kind in GROUPED or text is not None):
            return newest
        self.groups[person].append(Group(kind, tweet, text))
        return self.groups[person][-1]

    def _newest(self, person: str, kind: str, tweet: int | None, text: str | None) -> Group | None:
        same = [
            group
            for group in self.groups[person]
            if (group.kind, group.text) == (kind, text) and (text is not None or group.about == tweet)
        ]
        return max(same, key=lambda group: max(group.acts), default=None)

    def _standing(self) -> dict[int, Fact]:
        model = self.model
        facts = {number: Fact("", ((who, DECISION),), None) for number, who in model.told_of_decisions.items()}
        for (who, tweet), number in model.likes.items():
            facts[number] = Fact(who, ((model.tweets[tweet].author, "LIKE"),), tweet)
        for retweet in model.retweets.values():
            author = model.tweets[retweet.tweet].author
            facts[retweet.id] = Fact(retweet.author, ((author, "RETWEET"),), retweet.tweet)
        for tweet_ in model.tweets.values():
            for number, text in tweet_.texts.items():
                facts[number] = Fact(tweet_.author, self._recipients(tweet_, number), tweet_.id, text)
        for (who, whom), number in model.requests.items():
            facts[number] = Fact(who, ((whom, "FOLLOW_REQUEST"),), None)
        for (who, whom), number in model.follows.items():
            is_known = number in self._facts
            recipients = self._facts[number].recipients if is_known else self._follow_recipients(who, whom)
            facts[number] = Fact(who, recipients, None, accepted_by=whom)
        return facts

    def _recipients(self, tweet: Tweet, number: int) -> tuple[tuple[str, str], ...]:
        """Recipients of the post or of an edit: as of that moment, without those whom the tweet mentions no more."""
        if number not in self._facts:
            return self._tweet_recipients(tweet) if number == tweet.id else self._edit_recipients(tweet)
        named = mentions(tweet.text)
        return tuple(
            (person, kind)
            for person, kind in self._facts[number].recipients
            if kind != "MENTION" or person.lower() in named
        )

    def _edit_recipients(self, tweet: Tweet) -> tuple[tuple[str, str], ...]:
        """People whom the newest version mentions newly, and who have no notification of the tweet."""
        _, before = tweet.edits[-1]
        told = {one for one, kind in self._tweet_recipients(tweet) if kind == "MENTION"}
        new = {one for one in told if one.lower() not in mentions(before)}
        return tuple((one, "MENTION") for one in sorted(new) if not self._is_told(one, tweet))

    def _is_told(self, person: str, tweet: Tweet) -> bool:
        return any(number in group.acts for group in self.groups[person] for number in tweet.texts)

    def _follow_recipients(self, who: str, whom: str) -> tuple[tuple[str, str], ...]:
        """A follower who asked is told of the acceptance."""
        return ((whom, "FOLLOW"), (who, _ACCEPTED)) if (who, whom) in self._asked else ((whom, "FOLLOW"),)

    def _tweet_recipients(self, tweet: Tweet) -> tuple[tuple[str, str], ...]:
        """Recipients of a tweet, with one kind for each."""
        recipients: dict[str, str] = {}
        if tweet.quoted in self.model.tweets:
            recipients[self.model.tweets[tweet.quoted].author] = "QUOTE"
        for person in self.model.people:
            if (person, tweet.conversation) in self.model.muted_conversations:
                continue
            if person == tweet.reply_to_author:
                recipients[person] = "REPLY"
            elif person.lower() in mentions(tweet.text):
                recipients.setdefault(person, "MENTION")
        return tuple(recipients.items())

    def _is_unwelcome(self, viewer: str, person: str) -> bool:
        return self.model.is_blocked(viewer, person) or (viewer, person) in self.model.mutes

    def _is_visible(self, viewer: str, number: int) -> bool:
        tweet = self.model.tweets.get(number)
        if tweet is None or not self.model.may_see(viewer, number):
            return False
        if not self.model.may_come_across(viewer, tweet.author):
            return False
        return tweet.author == viewer or not any(
            matches(entry, tweet.text) for entry in self.model.muted_words.get(viewer, ())
        )


def _text(person: str, fact: Fact) -> str | None:
    """The folded text of a post that mentions the person."""
    return " ".join(fold(fact.text).split()) if person.lower() in mentions(fact.text) else None


def _up_to(actors: list[str], shown: list[str]) -> list[str]:
    """The newest actors down to the last one shown; all of them where there is room for more."""
    return actors if len(shown) < MOST_ACTORS else actors[: actors.index(shown[-1]) + 1]


def _is_chosen(view: NotificationView, chosen: str) -> bool:
    return {
        "ALL": True,
        "UNREAD": not view.is_read,
        "MENTIONS": view.kind in {"MENTION", "REPLY", "QUOTE"},
    }[chosen]
