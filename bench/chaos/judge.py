"""Whether what people see is what the model says, once the dust has settled; and how right it was meanwhile."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from bench.chaos.crowd import Crowd, Person, tweet_number
from bench.chaos.record import Posted, Read, Record, Watched
from core.ids import TweetId
from datastore.mongo.client import away_as_unavailable
from datastore.stores import Stores
from tests.support.model import answers
from tests.support.model.model import Model, Tweet

LAG_SECONDS = 10.0
"""So old a tweet must be in a page at calm times."""
_PAGE = """query Page($after: String) { homeTimeline(first: 50, after: $after) {
  edges { node { ... on Tweet { id } } } pageInfo { hasNextPage endCursor } } }"""
_LOOK_AGAIN_SECONDS = 0.5


class Verdict(NamedTuple):
    """How much is wrong: acknowledged tweets that are lost or there twice, homes, events missed or sent twice."""

    lost: int
    twice: int
    wrong_homes: int
    missed: int
    repeated: int


RIGHT = Verdict(0, 0, 0, 0, 0)


class Judge:
    """Judges `sample` home timelines back to the tweet `since`, and everything else whole."""

    def __init__(self, crowd: Crowd, stores: Stores, record: Record, sample: Sequence[Person]) -> None:
        self._crowd, self._stores, self._record, self._sample = crowd, stores, record, sample

    async def until_right(self, since: TweetId, within: float) -> Verdict:
        """What is still wrong then. Nobody may write meanwhile."""
        deadline = time.monotonic() + within
        while True:
            verdict = await self.verdict(since)
            if verdict == RIGHT or time.monotonic() > deadline:
                return verdict
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def verdict(self, since: TweetId) -> Verdict:
        posts = [post for post in self._record.posts if post.tweet_id > since]
        lost, twice = await self._stored(posts, since)
        wrong = [await self._is_wrong(person, since) for person in self._sample]
        missed = sum(self._missed(watched) for watched in self._record.watches)
        repeated = sum(_repeated(watched) for watched in self._record.watches)
        return Verdict(lost, twice, sum(wrong), missed, repeated)

    async def _stored(self, posts: Sequence[Posted], since: TweetId) -> tuple[int, int]:
        """Acknowledged tweets that are not in MongoDB, and texts that are there more than once."""
        with away_as_unavailable():
            rows = self._stores.mongo.collection("tweets").find({"_id": {"$gt": since}}, {"text": 1})
            stored = {row["_id"]: row["text"] async for row in rows}
        lost = [post for post in self._record.standing(posts) if stored.get(post.tweet_id) != post.text]
        return len(lost), sum(count - 1 for count in Counter(stored.values()).values())

    async def _is_wrong(self, person: Person, since: TweetId) -> bool:
        model = self.model_of(person)
        expected = [entry.item for entry in answers.home_timeline(model, str(person.number)) if entry.item > since]
        found: list[int] = []
        after: str | None = None
        while True:
            answer = await self._crowd.ask(person, _PAGE, after=after)
            if answer.trouble is not None:
                return True
            page = answer.data["homeTimeline"]
            found += [tweet_number(edge["node"]["id"]) for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"] or min(found, default=0) <= since:
                return [tweet for tweet in found if tweet > since] != expected

    def model_of(self, viewer: Person) -> Model:
        """With the facts that bear upon this viewer's home timeline; people go by their numbers."""
        circle = self._circle(viewer.number)
        model = Model(str(number) for number in circle)
        for followee in circle - {viewer.number}:
            model.follows[str(viewer.number), str(followee)] = 0
        tweets = [(tweet_id, author) for author in circle for tweet_id in self._crowd.population.tweets[author]]
        posts = [post for post in self._record.standing(self._record.posts) if post.author in circle]
        tweets += [(post.tweet_id, post.author) for post in posts]
        for tweet_id, author in sorted(tweets):
            model.tweets[tweet_id] = Tweet(tweet_id, str(author), "", None, None, None, ())
        return model

    def _circle(self, person: int) -> set[int]:
        follows = self._record.follows.get(person, self._crowd.population.plan.followees[person])
        return {person, *follows}

    def _missed(self, watched: Watched) -> int:
        circle = self._circle(watched.person)
        due = {
            post.tweet_id
            for post in self._record.standing(self._record.posts)
            if post.author in circle and post.tweet_id > watched.since
        }
        return len(due - {received.tweet_id for received in watched.received} - watched.caught_up)

    def wrong_reads(self, reads: Collection[Read], lag: float = LAG_SECONDS) -> int:
        """Pages with trouble, out of order, with what does not belong there, or without what is older than `lag`."""
        authors = {post.tweet_id: post.author for post in self._record.posts}
        for author, tweets in enumerate(self._crowd.population.tweets):
            authors.update(dict.fromkeys(tweets, author))
        return sum(not self._is_right(read, authors, lag) for read in reads)

    def _is_right(self, read: Read, authors: dict[TweetId, int], lag: float) -> bool:
        if read.trouble is not None or list(read.ids) != sorted(set(read.ids), reverse=True):
            return False
        # Whose mind is not made up may see whomever they followed a moment ago.
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
        return not is_settled or all(post.tweet_id in shown or post.tweet_id in gone for post in due)


def _repeated(watched: Watched) -> int:
    return sum(count - 1 for count in Counter(received.tweet_id for received in watched.received).values())
