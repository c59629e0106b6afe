"""Visibility rules: each rule against each relation of viewer, author, retweeter and tweet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from core.ids import TweetId, UserId
from datastore.records.items import RetweetRecord, TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import (
    HydratedItem,
    Reason,
    home_item_id,
    home_reason,
    is_plain,
    may_be_promoted_to,
    may_notify_of,
    may_see,
    may_see_user,
    plain_home_reason,
)
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import NO_INTERACTION
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from tests.datastore.opened import tweet_of

VIEWER, ALICE, BOB, CAROL = (UserId(number) for number in range(1, 5))
TWEET, RETWEET, EARLIER_RETWEET = TweetId(100), 120, 110

STRANGER = Viewpoint(VIEWER)
FOLLOWER = Viewpoint(VIEWER, frozenset({ALICE}))
PUBLIC, PROTECTED = UserRecord(ALICE, "alice", "Alice"), UserRecord(ALICE, "alice", "Alice", is_protected=True)

RELATIONS = {
    "anonymous": ANONYMOUS,
    "stranger": STRANGER,
    "follower": FOLLOWER,
    "follower of others": Viewpoint(VIEWER, frozenset({BOB})),
    "author": Viewpoint(ALICE),
    "blocks the author": Viewpoint(VIEWER, blocked=frozenset({ALICE})),
    "blocked by the author": Viewpoint(VIEWER, blockers=frozenset({ALICE})),
    "mutes the author": Viewpoint(VIEWER, muted=frozenset({ALICE})),
    "follows and mutes the author": Viewpoint(VIEWER, frozenset({ALICE}), muted=frozenset({ALICE})),
    "follows and blocks the author": Viewpoint(VIEWER, frozenset({ALICE}), blocked=frozenset({ALICE})),
    "mutes a word of the tweet": Viewpoint(VIEWER, muted_words=("crow",)),
    "follows and mutes a word": Viewpoint(VIEWER, frozenset({ALICE}), muted_words=("crow",)),
    "author who mutes the word": Viewpoint(ALICE, muted_words=("crow",)),
    "mutes another word": Viewpoint(VIEWER, muted_words=("raven",)),
    "follows the hashtag": Viewpoint(VIEWER, tags=frozenset({"rook"})),
    "follows the hashtag, mutes the author": Viewpoint(VIEWER, tags=frozenset({"rook"}), muted=frozenset({ALICE})),
    "follows the hashtag, blocked by the author": Viewpoint(
        VIEWER, tags=frozenset({"rook"}), blockers=frozenset({ALICE})
    ),
    "follows another hashtag": Viewpoint(VIEWER, tags=frozenset({"crow"})),
}
SEES_PUBLIC = set(RELATIONS) - {
    "blocks the author",
    "blocked by the author",
    "follows and blocks the author",
    "follows the hashtag, blocked by the author",
}
SEES_PROTECTED = {
    "follower",
    "author",
    "follows and mutes the author",
    "follows and mutes a word",
    "author who mutes the word",
}
MUTES = {
    "mutes the author",
    "follows and mutes the author",
    "mutes a word of the tweet",
    "follows and mutes a word",
    "follows the hashtag, mutes the author",
}
AUTHORS = {"author", "author who mutes the word"}
AT_HOME = {
    "follower": Reason.FOLLOWING,
    "author": Reason.SELF,
    "author who mutes the word": Reason.SELF,
    "follows the hashtag": Reason.HASHTAG,
}


def tweet_by(author: UserId, reply_to_author: UserId | None = None) -> TweetRecord:
    tweet = structs.replace(tweet_of(TWEET, author), text="a crow and a #rook", tags=("rook",))
    return structs.replace(tweet, reply_to_author=reply_to_author)


def hydrated(
    tweet: TweetRecord | None, author: UserRecord | None, *retweeters: UserId, by: UserId | None = None
) -> HydratedItem:
    """The tweet as an item, or its retweet `by` a user; retweets are numbered from 110 on, ten apart."""
    log = RetweetLog(tuple((EARLIER_RETWEET + 10 * place, user_id) for place, user_id in enumerate(retweeters)))
    item: TweetRecord | RetweetRecord
    if by is None:
        item = tweet or tweet_by(ALICE)
    else:
        item = RetweetRecord(TweetId(EARLIER_RETWEET + 10 * retweeters.index(by)), by, TWEET, ALICE)
    return HydratedItem(item, tweet, author, log, TweetCounts(), NO_INTERACTION, author)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_public_author_is_seen_unless_blocked_either_way(relation: str) -> None:
    view, shown = RELATIONS[relation], hydrated(tweet_by(ALICE), PUBLIC)
    assert may_see_user(view, PUBLIC) is may_see(view, shown) is (relation in SEES_PUBLIC)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_protected_author_is_seen_by_followers_and_themselves(relation: str) -> None:
    view, shown = RELATIONS[relation], hydrated(tweet_by(ALICE), PROTECTED)
    assert may_see_user(view, PROTECTED) is may_see(view, shown) is (relation in SEES_PROTECTED)


@pytest.mark.parametrize("relation", RELATIONS)
def test_nothing_is_seen_of_a_deleted_author_or_tweet(relation: str) -> None:
    view = RELATIONS[relation]
    assert not may_see_user(view, None)
    for gone in (hydrated(None, PUBLIC), hydrated(tweet_by(ALICE), None)):
        assert not may_see(view, gone)
        assert home_reason(view, gone) is None


@pytest.mark.parametrize("relation", RELATIONS)
def test_ads_are_for_who_sees_the_author_and_mutes_nothing_of_it_but_never_for_the_author(relation: str) -> None:
    view, tweet = RELATIONS[relation], tweet_by(ALICE)
    expected = relation in SEES_PUBLIC - MUTES - AUTHORS
    assert may_be_promoted_to(view, tweet, PUBLIC) is expected
    assert not may_be_promoted_to(view, tweet, PROTECTED)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(("author", "seeing"), [(PUBLIC, SEES_PUBLIC), (PROTECTED, SEES_PROTECTED)])
def test_notifications_are_for_who_sees_the_tweet_and_mutes_nothing_of_it(
    relation: str, author: UserRecord, seeing: set[str]
) -> None:
    assert may_notify_of(RELATIONS[relation], tweet_by(ALICE), author) is (relation in seeing - MUTES)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_tweet_is_at_home_with_followers_its_author_and_followers_of_its_hashtag(relation: str) -> None:
    view, expected = RELATIONS[relation], AT_HOME.get(relation)
    assert home_reason(view, hydrated(tweet_by(ALICE), PUBLIC)) is expected
    assert home_item_id(view, tweet_by(ALICE), PUBLIC, RetweetLog()) == (None if expected is None else TWEET)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_protected_tweet_is_at_home_with_followers_and_its_author_alone(relation: str) -> None:
    expected = AT_HOME.get(relation) if relation in SEES_PROTECTED else None
    assert home_reason(RELATIONS[relation], hydrated(tweet_by(ALICE), PROTECTED)) is expected


@pytest.mark.parametrize(
    ("followees", "answered", "reason"),
    [
        ({ALICE}, ALICE, Reason.FOLLOWING),
        ({ALICE}, VIEWER, Reason.FOLLOWING),
        ({ALICE, BOB}, BOB, Reason.FOLLOWING),
        ({ALICE}, BOB, None),
        ({BOB}, BOB, None),
        (set(), VIEWER, None),
    ],
)
def test_a_reply_is_at_home_if_both_ends_are_in_the_circle(
    followees: set[UserId], answered: UserId, reason: Reason | None
) -> None:
    view = Viewpoint(VIEWER, frozenset(followees))
    assert home_reason(view, hydrated(tweet_by(ALICE, answered), PUBLIC)) is reason


@pytest.mark.parametrize(("answered", "reason"), [(VIEWER, Reason.SELF), (BOB, Reason.SELF), (CAROL, None)])
def test_an_own_reply_is_at_home_if_it_answers_the_circle(answered: UserId, reason: Reason | None) -> None:
    view, author = Viewpoint(VIEWER, frozenset({BOB})), UserRecord(VIEWER, "viewer", "Viewer")
    assert home_reason(view, hydrated(tweet_by(VIEWER, answered), author)) is reason


def test_a_hashtag_brings_no_replies() -> None:
    view = Viewpoint(VIEWER, tags=frozenset({"rook"}))
    assert home_reason(view, hydrated(tweet_by(ALICE, ALICE), PUBLIC)) is None


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (Viewpoint(VIEWER, frozenset({BOB})), Reason.FOLLOWING),
        (Viewpoint(BOB), Reason.SELF),
        (STRANGER, None),
        (FOLLOWER, None),
        (Viewpoint(VIEWER, frozenset({ALICE, BOB})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), tags=frozenset({"rook"})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), muted=frozenset({BOB})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), blocked=frozenset({BOB})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), blockers=frozenset({BOB})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), muted=frozenset({ALICE})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), blocked=frozenset({ALICE})), None),
        (Viewpoint(VIEWER, frozenset({BOB}), muted_words=("crow",)), None),
    ],
)
def test_a_retweet_is_at_home_if_a_followee_made_it_and_the_tweet_itself_is_not(
    view: Viewpoint, reason: Reason | None
) -> None:
    assert home_reason(view, hydrated(tweet_by(ALICE), PUBLIC, BOB, by=BOB)) is reason


def test_a_retweet_of_a_protected_tweet_is_at_home_with_nobody_but_followers_of_its_author() -> None:
    view = Viewpoint(VIEWER, frozenset({BOB}))
    assert home_reason(view, hydrated(tweet_by(ALICE), PROTECTED, BOB, by=BOB)) is None


@pytest.mark.parametrize(
    ("followees", "muted", "first"),
    [({BOB, CAROL}, set(), BOB), ({CAROL}, set(), CAROL), ({BOB, CAROL}, {BOB}, CAROL), (set(), set(), None)],
)
def test_only_the_earliest_retweet_that_counts_is_at_home(
    followees: set[UserId], muted: set[UserId], first: UserId | None
) -> None:
    view = Viewpoint(VIEWER, frozenset(followees), muted=frozenset(muted))
    shown = {by: hydrated(tweet_by(ALICE), PUBLIC, BOB, CAROL, by=by) for by in (BOB, CAROL)}
    assert [by for by, item in shown.items() if home_reason(view, item) is not None] == ([first] if first else [])
    log = RetweetLog(((EARLIER_RETWEET, BOB), (RETWEET, CAROL)))
    item_id = {None: None, BOB: EARLIER_RETWEET, CAROL: RETWEET}[first]
    assert home_item_id(view, tweet_by(ALICE), PUBLIC, log) == item_id


def test_a_reply_that_is_not_at_home_itself_is_at_home_by_a_retweet() -> None:
    view = Viewpoint(VIEWER, frozenset({ALICE, BOB}))
    reply = tweet_by(ALICE, CAROL)
    assert home_reason(view, hydrated(reply, PUBLIC, BOB)) is None
    assert home_reason(view, hydrated(reply, PUBLIC, BOB, by=BOB)) is Reason.FOLLOWING
    assert home_item_id(view, reply, PUBLIC, RetweetLog(((EARLIER_RETWEET, BOB),))) == EARLIER_RETWEET


USERS = [VIEWER, ALICE, BOB, CAROL]
some_users = st.frozensets(st.sampled_from(USERS))
viewpoints = st.builds(
    Viewpoint,
    st.sampled_from(USERS),
    some_users,
    some_users,
    some_users,
    some_users,
    st.lists(st.sampled_from(["crow", "raven"]), max_size=1).map(tuple),
    st.frozensets(st.sampled_from(["rook", "crow"])),
)


@given(viewpoints, st.sampled_from(USERS), st.sampled_from([None, *USERS]), st.booleans())
def test_a_plain_item_has_the_reason_that_all_rules_give(
    view: Viewpoint, author: UserId, answered: UserId | None, is_protected: bool
) -> None:
    profile = UserRecord(author, "author", "Author", is_protected=is_protected)
    shown = hydrated(tweet_by(author, answered), profile)
    assert is_plain(shown) is (answered is None and not is_protected)
    if is_plain(shown) and shown.tweet is not None:
        assert plain_home_reason(view, shown.tweet) is home_reason(view, shown)


def test_retweets_and_items_of_deleted_authors_are_not_plain() -> None:
    assert not is_plain(hydrated(tweet_by(ALICE), PUBLIC, BOB, by=BOB))
    assert not is_plain(hydrated(tweet_by(ALICE), None))
