"""Compares timelines, stored tweets and live events with the model after a fault, and pages read during it."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from bench.chaos.load.history import History, Posted, Read, Subscription
from bench.chaos.load.users import Person, Users, tweet_number
from core.ids import TweetId
from datastore.mongo.client import away_as_unavailable
from datastore.stores import Stores
from tests.support.model import answers
from tests.support.model.items import Tweet
from tests.support.model.model import Model

LAG_SECONDS = 10.0
"""A tweet older than this must be in a page."""
_PAGE = """query Page($after: String) { homeTimeline(first: 50, after: $after) {
  edges { node { ... on Tweet { id } } } pageInfo { hasNextPage endCursor } } }"""
_RETRY_SECONDS = 0.5


class Verdict(NamedTuple):
    """Numbers of errors: acknowledged tweets lost or stored twice, wrong home timelines, events missed or repeated."""

    lost: int
    twice: int
    wrong_homes: int
    missed: int
    repeated: int


RIGHT = Verdict(0, 0, 0, 0, 0)


class Checker:
    """Compares the home timelines of `sample` back to the tweet `since`, and everything else completely."""

    def __init__(self, users: Users, stores: Stores, history: History, sample: Sequence[Person]) -> None:
        self._users, self._stores, self._record, self._sample = users, stores, history, sample

    async def until_right(self, since: TweetId, within: float) -> Verdict:
        """Polls until everything is right, or returns what is still wrong after `within`. Writing must be halted."""
        deadline = time.monotonic() + within
        while True:
            verdict = await self.verdict(since)
            if verdict == RIGHT or time.monotonic() > deadline:
                return verdict
            await asyncio.sleep(_RETRY_SECONDS)

    async def verdict(self, since: TweetId) -> Verdict:
        posts = [post for post in self._record.posts if post.tweet_id > since]
        lost, twice = await self._stored(posts, since)
        wrong = [await self._is_wrong(person, since) for person in self._sample]
        missed = sum(self._missed(subscription) for subscription in self._record.subscriptions)
        missed += sum(self._not_followed(subscription) for subscription in self._record.subscriptions)
        repeated = sum(self._repeated(subscription) for subscription in self._record.subscriptions)
        return Verdict(lost, twice, sum(wrong), missed, repeated)

    async def _stored(self, posts: Sequence[Posted], since: TweetId) -> tuple[int, int]:
        """The numbers of acknowledged tweets or edits that MongoDB lacks, and of texts that it has more than once."""
        with away_as_unavailable():
            rows = self._stores.mongo.collection("tweets").find({"_id": {"$gt": since}}, {"text": 1})
            stored = {row["_id"]: row["text"] async for row in rows}
        text = self._record.text_of
        lost = [post for post in self._record.not_deleted(posts) if stored.get(post.tweet_id) != text(post)]
        return len(lost), sum(count - 1 for count in Counter(stored.values()).values())

    async def _is_wrong(self, person: Person, since: TweetId) -> bool:
        model = self.model_of(person)
        expected = [entry.item for entry in answers.home_timeline(model, str(person.number)) if entry.item > since]
        found: list[int] = []
        after: str | None = None
        while True:
            answer = await self._users.ask(person, _PAGE, after=after)
            if answer.trouble is not None:
                return True
            page = answer.data["homeTimeline"]
            found += [tweet_number(edge["node"]["id"]) for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"] or min(found, default=0) <= since:
                return [tweet for tweet in found if tweet > since] != expected

    def model_of(self, viewer: Person) -> Model:
        """A model with the facts behind this viewer's home timeline; people are named by their numbers."""
        circle = self._circle(viewer.number)
        model = Model(str(number) for number in circle)
        for followee in circle - {viewer.number}:
            model.follows[str(viewer.number), str(followee)] = 0
        tweets = [(tweet_id, author) for author in circle for tweet_id in self._users.population.tweets[author]]
        posts = [post for post in self._record.not_deleted(self._record.posts) if post.author in circle]
        posts = [post for post in posts if post.tweet_id not in self._record.removed or post.author == viewer.number]
        tweets += [(post.tweet_id, post.author) for post in posts]
        for tweet_id, author in sorted(tweets):
            model.tweets[tweet_id] = Tweet(tweet_id, str(author), "", None, None, None, ())
        return model

    def _circle(self, person: int) -> set[int]:
        follows = self._record.follows.get(person, self._users.population.plan.followees[person])
        return {person, *follows}

    def _missed(self, subscription: Subscription) -> int:
        circle = self._circle(subscription.person)
        due = {
            post.tweet_id
            for post in self._record.not_removed(self._record.posts)
            if post.author in circle and post.tweet_id > subscription.since
        }
        return len(due - {received.tweet_id for received in subscription.received} - subscription.caught_up)

    def _not_followed(self, subscription: Subscription) -> int:
        """Counts decisions that the client does not follow: tweets that it shows though they are removed, and others
        that are back and not shown.
        """
        record, circle = self._record, self._circle(subscription.person)
        theirs = [post for post in record.posts if post.author in circle and post.tweet_id > subscription.since]
        gone = {post.tweet_id for post in theirs if post.author != subscription.person} & record.removed
        back = {post.tweet_id for post in record.not_deleted(theirs)} & record.restored
        return len(gone & subscription.shown) + len(back - subscription.shown)

    def _repeated(self, subscription: Subscription) -> int:
        """A tweet that came back may be received twice."""
        counts = Counter(received.tweet_id for received in subscription.received)
        return sum(count - 1 for tweet, count in counts.items() if tweet not in self._record.restored)

    def wrong_reads(self, reads: Collection[Read], lag: float = LAG_SECONDS) -> int:
        """Counts pages with an error, out of order, with foreign tweets, or without tweets older than `lag` seconds."""
        authors = {post.tweet_id: post.author for post in self._record.posts}
        for author, tweets in enumerate(self._users.population.tweets):
            authors.update(dict.fromkeys(tweets, author))
        return sum(not self._is_right(read, authors, lag) for read in reads)

    def _is_right(self, read: Read, authors: dict[TweetId, int], lag: float) -> bool:
        if read.trouble is not None or list(read.ids) != sorted(set(read.ids), reverse=True):
            return False
        # A person who changes their follows may still see an author whom they have just unfollowed.
        is_settled = read.person not in self._record.follows
        circle = self._circle(read.person)
        if is_settled and not all(authors.get(tweet_id) in circle for tweet_id in read.ids):
            return False
        gone = self._record.deleted
        if any(gone.get(tweet_id, float("inf")) < read.began - lag for tweet_id in read.ids):
            return False
        floor, shown = min(read.ids, default=TweetId(0)), set(read.ids)
        due = [
            post
            for post in self._record.posts
            if post.acknowledged < read.began - lag and post.tweet_id > floor and post.author in circle
        ]
        hidden = self._record.removed | self._record.restored
        return not is_settled or all(
            post.tweet_id in shown or post.tweet_id in gone or post.tweet_id in hidden for post in due
        )
