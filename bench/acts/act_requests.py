"""Requests of the acts that `bench acts` measures, and the people who send them."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bench.data.population import Plan, Population
from bench.harness.load import post_request
from schema.values.nodes import NodeType, global_id

PEOPLE, TWEETS, FOLLOWERS, BARE_TWEETS, ROUNDS = 25, 25, 10, 100, 2
ON_TWEETS = ("like", "unlike", "retweet", "unretweet")
ON_PEOPLE = ("follow", "unfollow")
_TWEET = "{ tweet { id likeCount retweetCount viewerHasLiked viewerHasRetweeted } userErrors { message } }"
_USER = "{ user { id relationship { isFollowing } } userErrors { message } }"


def population_plan() -> Plan:
    """Persons: 25 actors, an author of many tweets, 10 who follow every actor, and others to be followed."""
    author, followers = PEOPLE, range(PEOPLE + 1, PEOPLE + 1 + FOLLOWERS)
    others = ROUNDS * TWEETS
    followees: list[Sequence[int]] = [[author] for _ in range(PEOPLE)]
    followees += [[], *([*range(PEOPLE)] for _ in followers), *([] for _ in range(others))]
    return Plan(followees, [author] * (ROUNDS * (TWEETS + BARE_TWEETS)))


class ActRequests(NamedTuple):
    """`tokens` has one for each of the 25 actors. A `turn` is the number of a round, which has targets of its own."""

    people: Population
    tokens: Sequence[str]

    def on_tweets(self, act: str, turn: int) -> list[bytes]:
        """Each of the actors on each of 25 tweets."""
        return self._on_tweets(f"mutation($id: ID!) {{ {act}(tweetId: $id) {_TWEET} }}", turn * TWEETS, TWEETS)

    def bare_likes(self, turn: int) -> list[bytes]:
        """Likes whose answer has nothing but errors, of 100 tweets."""
        query = "mutation($id: ID!) { like(tweetId: $id) { userErrors { message } } }"
        return self._on_tweets(query, ROUNDS * TWEETS + turn * BARE_TWEETS, BARE_TWEETS)

    def on_people(self, act: str, turn: int) -> list[bytes]:
        query = f"mutation($id: ID!) {{ {act}(userId: $id) {_USER} }}"
        first = PEOPLE + 1 + FOLLOWERS + turn * TWEETS
        ids = [global_id(NodeType.USER, user_id) for user_id in self.people.ids[first : first + TWEETS]]
        return self._by_all(query, ids, turn)

    def posts(self, turn: int) -> list[bytes]:
        query = "mutation($text: String!) { postTweet(input: {text: $text}) { tweet { id } userErrors { message } } }"
        texts = [f"Nest {turn} {number} stands in a tall elm" for number in range(PEOPLE * TWEETS)]
        return [self.request(number % PEOPLE, query, {"text": text}) for number, text in enumerate(texts)]

    def request(self, person: int, query: str, variables: Mapping[str, object]) -> bytes:
        head = {"authorization": f"Bearer {self.tokens[person]}"}
        return post_request("/graphql", {"query": query, "variables": variables}, head)

    def _on_tweets(self, query: str, first: int, count: int) -> list[bytes]:
        tweets = self.people.tweets[PEOPLE][first : first + count]
        return self._by_all(query, [global_id(NodeType.TWEET, tweet) for tweet in tweets], first)

    def _by_all(self, query: str, ids: Sequence[str], seed: int) -> list[bytes]:
        pairs = [(person, one) for one in ids for person in range(PEOPLE)]
        random.Random(seed).shuffle(pairs)
        return [self.request(person, query, {"id": one}) for person, one in pairs]


def acts_of(turn: int) -> Iterator[tuple[str, Callable[[ActRequests], list[bytes]]]]:
    """Names of the acts with their requests; each undoing act follows its act."""
    for act in ON_TWEETS:
        yield act, lambda requests, act=act: requests.on_tweets(act, turn)  # type: ignore[misc]
    for act in ON_PEOPLE:
        yield act, lambda requests, act=act: requests.on_people(act, turn)  # type: ignore[misc]
    yield "post", lambda requests: requests.posts(turn)
