"""The corpus of a graph and tweets: the people behind the nodes, their joining dates, and the order of all rows."""

from datastore.admin.importer.corpus import Corpus, SourceFollow, SourcePerson
from datastore.admin.importer.sentiment140 import SourceTweet
from datastore.admin.importer.sources import GraphEdge

DAY_MS = 86_400_000
NOON_MS = 1_239_105_600_000
MINUTE_MS = 60_000


def corpus(*tweets: SourceTweet, edges: tuple[tuple[int, int], ...] = (), undirected: bool = False) -> Corpus:
    return Corpus.of(tweets, [GraphEdge(*edge) for edge in edges], undirected=undirected)


def test_nodes_are_the_authors_in_the_order_in_which_they_appear() -> None:
    found = corpus(
        SourceTweet(NOON_MS + DAY_MS, "bob", "late"),
        SourceTweet(NOON_MS, "alice", "early"),
        SourceTweet(NOON_MS, "BOB", "again"),
        SourceTweet(NOON_MS, "carol", "last"),
        edges=((0, 1), (2, 0)),
    )
    assert found.follows == [SourceFollow("bob", "alice"), SourceFollow("carol", "bob")]
    assert list(found.people) == ["bob", "alice", "carol"]


def test_nodes_past_the_last_author_are_numbered_people() -> None:
    found = corpus(SourceTweet(NOON_MS, "alice", "alone"), edges=((0, 1), (7, 1)))
    assert found.follows == [SourceFollow("alice", "user_1"), SourceFollow("user_7", "user_1")]
    assert list(found.people) == ["alice", "user_1", "user_7"]


def test_author_may_be_called_as_a_numbered_node_is() -> None:
    found = corpus(SourceTweet(NOON_MS, "User_9", "hello"), edges=((0, 9), (9, 1)))
    assert found.people == {
        "user_9": SourcePerson("User_9", NOON_MS - MINUTE_MS),
        "user_1": SourcePerson("user_1", NOON_MS - MINUTE_MS),
    }
    assert found.follows == [SourceFollow("user_9", "user_1")]


def test_people_join_before_their_first_tweet_whatever_the_order_and_keep_the_handle_written_first() -> None:
    found = corpus(SourceTweet(NOON_MS + DAY_MS, "Alice", "second"), SourceTweet(NOON_MS, "ALICE", "first"))
    assert found.people == {"alice": SourcePerson("Alice", NOON_MS - MINUTE_MS)}


def test_tweets_stand_by_date_and_those_of_one_instant_as_in_the_file() -> None:
    late, one, other = (
        SourceTweet(NOON_MS + DAY_MS, "alice", "late"),
        SourceTweet(NOON_MS, "carol", "one"),
        SourceTweet(NOON_MS, "bob", "other"),
    )
    assert corpus(late, one, other, one).tweets == [one, other, late]


def test_edges_are_follows_once_each_and_both_ways_where_undirected() -> None:
    edges = ((0, 1), (0, 1), (1, 0), (2, 0))
    assert corpus(edges=edges).follows == [("user_0", "user_1"), ("user_1", "user_0"), ("user_2", "user_0")]
    assert corpus(edges=edges, undirected=True).follows == [
        ("user_0", "user_1"),
        ("user_1", "user_0"),
        ("user_2", "user_0"),
        ("user_0", "user_2"),
    ]


def test_graph_alone_makes_people() -> None:
    assert [person.handle for person in corpus(edges=((3, 1),)).people.values()] == ["user_3", "user_1"]
