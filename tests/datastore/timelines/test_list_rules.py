"""Rules of lists of people: who sees a list, and which items belong to its timeline for whom."""

import pytest
from msgspec import structs

from core.ids import ListId, TweetId, UserId
from datastore.graph.lists import ListRecord
from datastore.records.items import RetweetRecord, TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.list_rules import list_item_ids, list_reason, may_see_list
from datastore.timelines.rules import HydratedItem, Reason
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import NO_INTERACTION
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from tests.datastore.opened import tweet_of

VIEWER, ALICE, BOB, CAROL, OWNER = (UserId(number) for number in range(1, 6))
TWEET, BY_BOB, BY_CAROL = TweetId(100), TweetId(110), TweetId(120)
STRANGER = Viewpoint(VIEWER)
LIST = ListRecord(ListId(9), OWNER, "birds", None, is_private=False, members=frozenset({ALICE, BOB}))


@pytest.mark.parametrize(
    ("view", "is_private", "owner", "sees"),
    [
        (STRANGER, False, UserRecord(OWNER, "owner", "Owner"), True),
        (ANONYMOUS, False, UserRecord(OWNER, "owner", "Owner"), True),
        (STRANGER, True, UserRecord(OWNER, "owner", "Owner"), False),
        (ANONYMOUS, True, UserRecord(OWNER, "owner", "Owner"), False),
        (Viewpoint(VIEWER, frozenset({OWNER})), True, UserRecord(OWNER, "owner", "Owner"), False),
        (Viewpoint(OWNER), True, UserRecord(OWNER, "owner", "Owner"), True),
        (STRANGER, False, UserRecord(OWNER, "owner", "Owner", is_protected=True), False),
        (Viewpoint(VIEWER, frozenset({OWNER})), False, UserRecord(OWNER, "owner", "Owner", is_protected=True), True),
        (Viewpoint(VIEWER, blockers=frozenset({OWNER})), False, UserRecord(OWNER, "owner", "Owner"), False),
        (STRANGER, False, None, False),
        (Viewpoint(OWNER), True, None, False),
    ],
)
def test_list_is_seen_by(view: Viewpoint, is_private: bool, owner: UserRecord | None, sees: bool) -> None:
    assert may_see_list(view, structs.replace(LIST, is_private=is_private), owner) is sees


@pytest.mark.parametrize(
    ("author", "reply_to", "view", "reason"),
    [
        (ALICE, None, STRANGER, Reason.FOLLOWING),
        (ALICE, None, ANONYMOUS, Reason.FOLLOWING),
        (ALICE, None, Viewpoint(ALICE), Reason.SELF),
        (ALICE, BOB, STRANGER, Reason.FOLLOWING),
        (ALICE, ALICE, STRANGER, Reason.FOLLOWING),
        (ALICE, CAROL, STRANGER, None),
        (CAROL, None, STRANGER, None),
        (CAROL, None, Viewpoint(VIEWER, frozenset({CAROL})), None),
        (ALICE, None, Viewpoint(VIEWER, muted=frozenset({ALICE})), None),
        (ALICE, None, Viewpoint(VIEWER, muted_words=("crow",)), None),
        (ALICE, None, Viewpoint(VIEWER, blocked=frozenset({ALICE})), None),
    ],
)
def test_tweet_belongs_to_the_list(
    author: UserId, reply_to: UserId | None, view: Viewpoint, reason: Reason | None
) -> None:
    tweet = tweet_by(author, reply_to)
    assert list_reason(view, LIST, hydrated(tweet, tweet)) is reason
    in_itself = author in LIST.members and reply_to in (None, *LIST.members)
    assert list_item_ids(LIST.members, tweet, RetweetLog()) == ([TWEET] if in_itself else [])


@pytest.mark.parametrize(
    ("retweeter", "members", "view", "reason"),
    [
        (BOB, {BOB}, STRANGER, Reason.FOLLOWING),
        (BOB, {BOB}, Viewpoint(BOB), Reason.SELF),
        (BOB, {BOB, ALICE}, STRANGER, None),
        (CAROL, {BOB, CAROL}, STRANGER, None),
        (CAROL, {CAROL}, STRANGER, Reason.FOLLOWING),
        (CAROL, {BOB, CAROL}, Viewpoint(VIEWER, muted=frozenset({BOB})), Reason.FOLLOWING),
        (CAROL, {BOB, CAROL}, Viewpoint(VIEWER, blockers=frozenset({BOB})), Reason.FOLLOWING),
        (BOB, {CAROL}, STRANGER, None),
        (BOB, {BOB}, Viewpoint(VIEWER, muted=frozenset({ALICE})), None),
    ],
)
def test_first_visible_retweet_by_a_member_belongs_to_the_list(
    retweeter: UserId, members: set[UserId], view: Viewpoint, reason: Reason | None
) -> None:
    record = structs.replace(LIST, members=frozenset(members))
    retweet = RetweetRecord(BY_BOB if retweeter == BOB else BY_CAROL, retweeter, TWEET, ALICE)
    assert list_reason(view, record, hydrated(retweet, tweet_by(ALICE))) is reason


def test_retweet_of_a_guarded_member_counts_for_their_followers_alone() -> None:
    record = structs.replace(LIST, members=frozenset({BOB, CAROL}), guarded=frozenset({BOB}))
    later = hydrated(RetweetRecord(BY_CAROL, CAROL, TWEET, ALICE), tweet_by(ALICE))
    assert list_reason(STRANGER, record, later) is Reason.FOLLOWING
    assert list_reason(Viewpoint(VIEWER, frozenset({BOB})), record, later) is None


def test_items_of_a_tweet_by_others_are_its_retweets_by_members() -> None:
    log = log_of()
    assert list_item_ids(frozenset({BOB, CAROL}), tweet_by(ALICE), log) == [BY_BOB, BY_CAROL]
    assert list_item_ids(frozenset({CAROL}), tweet_by(ALICE), log) == [BY_CAROL]


def test_deleted_tweet_belongs_to_no_list() -> None:
    assert list_reason(STRANGER, LIST, hydrated(RetweetRecord(BY_BOB, BOB, TWEET, ALICE), None)) is None


def tweet_by(author: UserId, reply_to_author: UserId | None = None) -> TweetRecord:
    return structs.replace(tweet_of(TWEET, author), text="a crow", reply_to_author=reply_to_author)


def log_of() -> RetweetLog:
    return RetweetLog(((BY_BOB, BOB), (BY_CAROL, CAROL)))


def hydrated(item: TweetRecord | RetweetRecord, tweet: TweetRecord | None) -> HydratedItem:
    """The item; a retweet with the log of both retweets."""
    retweets = log_of() if isinstance(item, RetweetRecord) else RetweetLog()
    author = None if tweet is None else UserRecord(tweet.author_id, "author", "Author")
    return HydratedItem(
        item, tweet, author, retweets, TweetCounts(), NO_INTERACTION, UserRecord(item.author_id, "poster", "Poster")
    )
