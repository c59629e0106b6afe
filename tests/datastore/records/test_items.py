"""Records of items: tweets and retweets from the documents of one collection, counts with pending increments."""

from core.ids import TweetId, UserId
from datastore.records.items import RetweetRecord, TweetCounts, TweetRecord, to_counts, to_record

TWEET = {
    "_id": 5,
    "author": 7,
    "text": "hello",
    "conversation": 3,
    "entities": [],
    "mentioned": [8, None],
    "tags": ["rooks"],
    "reply_to": 4,
    "reply_to_author": 9,
    "quoted": None,
    "lang": "en",
    "device": [],
}


def test_a_document_with_a_retweeted_id_is_a_retweet() -> None:
    row = {"_id": 6, "author": 8, "retweet_of": 5, "retweet_of_author": 7}
    assert to_record(row) == RetweetRecord(TweetId(6), UserId(8), TweetId(5), UserId(7))


def test_any_other_document_is_a_tweet() -> None:
    expected = TweetRecord(
        TweetId(5),
        UserId(7),
        "hello",
        TweetId(3),
        mentioned=(UserId(8), None),
        tags=("rooks",),
        reply_to=TweetId(4),
        reply_to_author=UserId(9),
        lang="en",
    )
    assert to_record(TWEET) == to_record({**TWEET, "retweet_of": None}) == expected


def test_a_tweet_without_counts_has_zeros() -> None:
    assert to_counts({}, {}) == TweetCounts(0, 0, 0, 0)
    assert to_counts({"counts": {"likes": 2, "replies": 1}}, {}) == TweetCounts(likes=2, replies=1)
