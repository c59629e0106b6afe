"""Brute-force model of the service: facts, and acts that change them, as slow and obvious Python.

answers.py computes answers from the facts. The model has its own clock: each act that creates something takes the next
number, which is the id of the created thing.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace

from core.errors import UserErrorCode
from tests.support.model.items import MemberList, Retweet, Tweet
from tests.support.model.text import fold, mentions

MOST_EDITS = 5
Outcome = UserErrorCode | None
"""None where the act succeeded."""

Pairs = dict[tuple[str, str], int]
"""Number of the act by acting person and other person."""

ActTimes = dict[tuple[str, int], int]
"""Number of the act by person and tweet."""


class Model:
    """People are named by their handles. Deleted things are no facts.

    `suspended` and `limited`: about whom such a decision of moderators stands. What suspended people did stays a fact;
    answers are those of `shown`. `removed`: tweets that moderators removed. `told_of_decisions`: whom a decision was
    told, by its number.
    """

    def __init__(self, people: Iterable[str]) -> None:
        self.people = set(people)
        self.protected: set[str] = set()
        self.suspended: set[str] = set()
        self.limited: set[str] = set()
        self.told_of_decisions: dict[int, str] = {}
        self.tweets: dict[int, Tweet] = {}
        self.retweets: dict[int, Retweet] = {}
        self.likes: ActTimes = {}
        self.bookmarks: ActTimes = {}
        self.follows: Pairs = {}
        self.requests: Pairs = {}
        self.blocks: Pairs = {}
        self.mutes: Pairs = {}
        self.muted_words: dict[str, tuple[str, ...]] = {}
        self.tags: set[tuple[str, str]] = set()
        self.lists: dict[int, MemberList] = {}
        self.pinned: dict[str, int] = {}
        self.muted_conversations: set[tuple[str, int]] = set()
        self.removed: set[int] = set()
        self.now = 0

    def post(
        self,
        who: str,
        text: str,
        *,
        reply_to: int | None = None,
        quoted: int | None = None,
        audience: str = "EVERYONE",
    ) -> Outcome:
        """The id of the new tweet is `now`."""
        if reply_to is not None and not self.may_see(who, reply_to):
            return UserErrorCode.NOT_FOUND
        if reply_to is not None and not self.may_reply(who, reply_to):
            return UserErrorCode.FORBIDDEN
        if quoted is not None and not self.may_see(who, quoted):
            return UserErrorCode.NOT_FOUND
        if quoted is not None and self._is_protected(who, quoted):
            return UserErrorCode.FORBIDDEN
        parent = None if reply_to is None else self.tweets[reply_to]
        ancestors = () if parent is None else (*parent.ancestors, parent.id)
        answered = None if parent is None else parent.author
        number = self.tick()
        self.tweets[number] = Tweet(number, who, text, reply_to, answered, quoted, ancestors, audience)
        return None

    def edit(self, who: str, tweet: int, text: str) -> Outcome:
        """The number of an edit that changes something is `now`."""
        if not self.may_see(who, tweet):
            return UserErrorCode.NOT_FOUND
        before = self.tweets[tweet]
        if before.author != who:
            return UserErrorCode.FORBIDDEN
        if before.text == text:
            return None
        if tweet in self.removed or len(before.edits) >= MOST_EDITS:
            return UserErrorCode.FORBIDDEN
        self.tweets[tweet] = replace(before, text=text, edits=(*before.edits, (self.tick(), before.text)))
        return None

    def delete(self, who: str, tweet: int) -> Outcome:
        if tweet not in self.tweets or self.tweets[tweet].author != who:
            return UserErrorCode.NOT_FOUND
        del self.tweets[tweet]
        self.pinned = {owner: pinned for owner, pinned in self.pinned.items() if pinned != tweet}
        self.removed.discard(tweet)
        _drop(self.likes, lambda _, marked: marked == tweet)
        _drop(self.bookmarks, lambda _, marked: marked == tweet)
        for number in [number for number, retweet in self.retweets.items() if retweet.tweet == tweet]:
            del self.retweets[number]
        return None

    def retweet(self, who: str, tweet: int) -> Outcome:
        if not self.may_see(who, tweet):
            return UserErrorCode.NOT_FOUND
        if self._is_protected(who, tweet):
            return UserErrorCode.FORBIDDEN
        if self.retweet_by(who, tweet) is None:
            number = self.tick()
            self.retweets[number] = Retweet(number, who, tweet)
        return None

    def unretweet(self, who: str, tweet: int) -> Outcome:
        done = self.retweet_by(who, tweet)
        if done is not None:
            del self.retweets[done.id]
        return None

    def like(self, who: str, tweet: int) -> Outcome:
        return self._mark(self.likes, who, tweet)

    def unlike(self, who: str, tweet: int) -> Outcome:
        return self._unmark(self.likes, who, tweet)

    def bookmark(self, who: str, tweet: int) -> Outcome:
        return self._mark(self.bookmarks, who, tweet)

    def unbookmark(self, who: str, tweet: int) -> Outcome:
        return self._unmark(self.bookmarks, who, tweet)

    def follow(self, who: str, whom: str) -> Outcome:
        if wrong := self._not_another(who, whom):
            return wrong
        if self.is_blocked(who, whom):
            return UserErrorCode.FORBIDDEN
        if (who, whom) not in self.follows:
            self._pair(self.requests if whom in self.protected else self.follows, who, whom)
        return None

    def unfollow(self, who: str, whom: str) -> Outcome:
        self.requests.pop((who, whom), None)
        return self._unpair(self.follows, who, whom)

    def remove_follower(self, who: str, whom: str) -> Outcome:
        if wrong := self._not_another(who, whom):
            return wrong
        return self._unpair(self.follows, whom, who)

    def pin(self, who: str, tweet: int) -> Outcome:
        if not self.may_see(who, tweet):
            return UserErrorCode.NOT_FOUND
        if self.tweets[tweet].author != who:
            return UserErrorCode.FORBIDDEN
        self.pinned[who] = tweet
        return None

    def unpin(self, who: str) -> Outcome:
        self.pinned.pop(who, None)
        return None

    def accept_follow_request(self, who: str, whom: str) -> Outcome:
        if whom in self.suspended:
            return UserErrorCode.NOT_FOUND
        if self.requests.pop((whom, who), None) is not None:
            self._pair(self.follows, whom, who)
        return None if (whom, who) in self.follows else UserErrorCode.NOT_FOUND

    def reject_follow_request(self, who: str, whom: str) -> Outcome:
        return self._unpair(self.requests, whom, who) if self.is_there(whom) else UserErrorCode.NOT_FOUND

    def block(self, who: str, whom: str) -> Outcome:
        if wrong := self._not_another(who, whom):
            return wrong
        self._pair(self.blocks, who, whom)
        for pairs in (self.follows, self.requests):
            pairs.pop((who, whom), None)
            pairs.pop((whom, who), None)
        for one in self.lists.values():
            if one.owner in {who, whom}:
                one.members.pop(whom if one.owner == who else who, None)
        return None

    def unblock(self, who: str, whom: str) -> Outcome:
        return self._unpair(self.blocks, who, whom)

    def mute(self, who: str, whom: str) -> Outcome:
        if wrong := self._not_another(who, whom):
            return wrong
        self._pair(self.mutes, who, whom)
        return None

    def unmute(self, who: str, whom: str) -> Outcome:
        return self._unpair(self.mutes, who, whom)

    def mute_conversation(self, who: str, tweet: int) -> Outcome:
        if not self.may_see(who, tweet):
            return UserErrorCode.NOT_FOUND
        self.muted_conversations.add((who, self.tweets[tweet].conversation))
        return None

    def unmute_conversation(self, who: str, tweet: int) -> Outcome:
        """The thread of a tweet that is gone is known where the tweet started it."""
        conversation = self.tweets[tweet].conversation if tweet in self.tweets else tweet
        self.muted_conversations.discard((who, conversation))
        return None

    def set_muted_words(self, who: str, words: Iterable[str]) -> Outcome:
        self.muted_words[who] = tuple(words)
        return None

    def follow_hashtag(self, who: str, tag: str) -> Outcome:
        self.tags.add((who, fold(tag)))
        return None

    def unfollow_hashtag(self, who: str, tag: str) -> Outcome:
        self.tags.discard((who, fold(tag)))
        return None

    def remove(self, tweet: int) -> Outcome:
        """By a moderator."""
        if tweet not in self.tweets:
            return UserErrorCode.NOT_FOUND
        if tweet in self.removed:
            return UserErrorCode.CONFLICT
        self.removed.add(tweet)
        self.told_of_decisions[self.tick()] = self.tweets[tweet].author
        return None

    def restore(self, tweet: int) -> Outcome:
        self.removed.discard(tweet)
        return None

    def report_of_tweet(self, who: str, tweet: int) -> Outcome:
        """Reports change no answer to anybody but moderators."""
        if not self.may_see(who, tweet):
            return UserErrorCode.NOT_FOUND
        return UserErrorCode.INVALID if self.tweets[tweet].author == who else None

    def report_of_person(self, who: str, whom: str) -> Outcome:
        """Also of somebody by whom they are blocked."""
        if not self.is_there(whom):
            return UserErrorCode.NOT_FOUND
        return UserErrorCode.INVALID if who == whom else None

    def protect(self, who: str) -> Outcome:
        self.protected.add(who)
        return None

    def go_public(self, who: str) -> Outcome:
        """Accepts all requests, oldest first."""
        self.protected.discard(who)
        waiting = sorted((number, asker) for (asker, asked), number in self.requests.items() if asked == who)
        for _, asker in waiting:
            del self.requests[asker, who]
            self._pair(self.follows, asker, who)
        return None

    def delete_account(self, who: str) -> Outcome:
        for tweet in [tweet for tweet in self.tweets.values() if tweet.author == who]:
            self.delete(who, tweet.id)
        for retweet in [retweet for retweet in self.retweets.values() if retweet.author == who]:
            del self.retweets[retweet.id]
        for times in (self.likes, self.bookmarks):
            _drop(times, lambda marker, _: marker == who)
        for pairs in (self.follows, self.requests, self.blocks, self.mutes):
            _drop(pairs, lambda one, other: who in {one, other})
        self.lists = {number: one for number, one in self.lists.items() if one.owner != who}
        for one in self.lists.values():
            one.members.pop(who, None)
        for some in (self.people, self.protected, self.suspended, self.limited):
            some.discard(who)
        self.told_of_decisions = {number: one for number, one in self.told_of_decisions.items() if one != who}
        return None

    def suspend(self, who: str) -> None:
        self.suspended.add(who)
        self.told_of_decisions[self.tick()] = who

    def unsuspend(self, who: str) -> None:
        self.suspended.discard(who)

    def limit(self, who: str) -> None:
        self.limited.add(who)
        self.told_of_decisions[self.tick()] = who

    def unlimit(self, who: str) -> None:
        self.limited.discard(who)

    def shown(self) -> "Model":
        """The model of which answers are made: suspended people are as deleted."""
        if not self.suspended:
            return self
        shown = copy.deepcopy(self)
        for who in self.suspended:
            shown.delete_account(who)
        return shown

    def is_there(self, who: str) -> bool:
        """Whether the person exists for others."""
        return who in self.people and who not in self.suspended

    def may_see(self, viewer: str | None, tweet: int) -> bool:
        """A removed tweet is as deleted for all but its author."""
        if tweet not in self.tweets or (tweet in self.removed and self.tweets[tweet].author != viewer):
            return False
        return self.may_see_posts(viewer, self.tweets[tweet].author)

    def may_see_posts(self, viewer: str | None, author: str) -> bool:
        """Whether the viewer may see what this person did: tweets, likes, retweets, follows, their bio too."""
        if not self.is_there(author):
            return False
        if viewer is None:
            return author not in self.protected
        if viewer == author:
            return True
        is_let_in = author not in self.protected or (viewer, author) in self.follows
        return is_let_in and not self.is_blocked(viewer, author)

    def may_reply(self, who: str | None, tweet: int) -> bool:
        """Whether who sees the tweet may answer it: the thread's first tweet decides, one that is gone for nobody."""
        root = self.tweets.get(self.tweets[tweet].conversation)
        if who is None:
            return False
        if root is None or not self.is_there(root.author) or who == root.author or who.lower() in mentions(root.text):
            return True
        return {
            "EVERYONE": True,
            "FOLLOWING": (root.author, who) in self.follows,
            "FOLLOWERS": (who, root.author) in self.follows,
            "MENTIONED": False,
        }[root.audience]

    def may_come_across(self, viewer: str | None, author: str) -> bool:
        """As `may_see_posts`, where the viewer did not go to it: what limited people do is for their followers."""
        is_let_in = author not in self.limited or viewer == author or (viewer, author) in self.follows
        return is_let_in and self.may_see_posts(viewer, author)

    def is_blocked(self, one: str, other: str) -> bool:
        """Whether one of the two blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def retweet_by(self, who: str, tweet: int) -> Retweet | None:
        return next(
            (retweet for retweet in self.retweets.values() if (retweet.author, retweet.tweet) == (who, tweet)), None
        )

    def _is_protected(self, who: str, tweet: int) -> bool:
        """Whether the tweet is by a protected account other than `who`."""
        author = self.tweets[tweet].author
        return author != who and author in self.protected

    def _not_another(self, who: str, whom: str) -> Outcome:
        if who == whom:
            return UserErrorCode.INVALID
        return None if self.is_there(whom) else UserErrorCode.NOT_FOUND

    def _mark(self, times: ActTimes, who: str, tweet: int) -> Outcome:
        if not self.may_see(who, tweet):
            return UserErrorCode.NOT_FOUND
        if (who, tweet) not in times:
            times[who, tweet] = self.tick()
        return None

    def _unmark(self, times: ActTimes, who: str, tweet: int) -> Outcome:
        """An act may be undone, whatever its person may see by then."""
        times.pop((who, tweet), None)
        return None

    def _pair(self, pairs: Pairs, who: str, whom: str) -> None:
        if (who, whom) not in pairs:
            pairs[who, whom] = self.tick()

    def _unpair(self, pairs: Pairs, who: str, whom: str) -> Outcome:
        pairs.pop((who, whom), None)
        return None if whom in self.people else UserErrorCode.NOT_FOUND

    def tick(self) -> int:
        self.now += 1
        return self.now


def _drop(pairs: dict[tuple[str, str], int] | dict[tuple[str, int], int], is_dropped: Callable[..., bool]) -> None:
    for pair in [pair for pair in pairs if is_dropped(*pair)]:
        del pairs[pair]  # type: ignore[arg-type]
