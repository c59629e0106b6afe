"""The brute-force model itself, rule by rule."""

import pytest

from core.errors import UserErrorCode
from tests.support.model import answers
from tests.support.model.acts import MODERATED, WEIGHTS, Kind
from tests.support.model.answers import Entry
from tests.support.model.model import Model
from tests.support.model.play import DOCUMENTS

ALICE, BOB, CAROL, DAVE = "alice", "bob", "carol", "dave"


@pytest.fixture
def model() -> Model:
    return Model([ALICE, BOB, CAROL, DAVE])


def post(model: Model, who: str, text: str = "hello", *, reply_to: int | None = None, quoted: int | None = None) -> int:
    assert model.post(who, text, reply_to=reply_to, quoted=quoted) is None
    return model.now


def home(model: Model, viewer: str) -> list[int]:
    return [entry.tweet for entry in answers.home_timeline(model, viewer)]


def test_tweet_stands_once_at_its_earliest_item(model: Model) -> None:
    model.follow(ALICE, BOB)
    model.follow(ALICE, CAROL)
    tweet = post(model, DAVE)
    model.retweet(BOB, tweet)
    first = model.now
    between = post(model, BOB)
    model.retweet(CAROL, tweet)
    second = model.now
    assert answers.home_timeline(model, ALICE) == [
        Entry(between, between, "FOLLOWING"),
        Entry(first, tweet, "FOLLOWING"),
    ]

    model.mute(ALICE, BOB)
    assert answers.home_timeline(model, ALICE) == [Entry(second, tweet, "FOLLOWING")]

    model.follow(ALICE, DAVE)
    assert answers.home_timeline(model, ALICE) == [Entry(tweet, tweet, "FOLLOWING")]


def test_reply_stands_at_home_only_where_it_answers_somebody_followed(model: Model) -> None:
    model.follow(ALICE, BOB)
    to_carol = post(model, BOB, reply_to=post(model, CAROL))
    own = post(model, ALICE)
    to_alice = post(model, BOB, reply_to=own)
    assert home(model, ALICE) == [to_alice, own]

    model.follow(ALICE, CAROL)
    assert to_carol in home(model, ALICE)


def test_own_reply_to_a_stranger_does_not_stand_at_home_unless_it_is_retweeted(model: Model) -> None:
    reply = post(model, ALICE, reply_to=post(model, CAROL))
    assert home(model, ALICE) == []
    model.retweet(ALICE, reply)
    assert answers.home_timeline(model, ALICE) == [Entry(model.now, reply, "SELF")]


def test_reply_to_a_deleted_tweet_still_answers_its_author(model: Model) -> None:
    model.follow(ALICE, BOB)
    model.follow(ALICE, CAROL)
    tweet = post(model, CAROL)
    reply = post(model, BOB, reply_to=tweet)
    model.delete(CAROL, tweet)
    assert home(model, ALICE) == [reply]
    model.unfollow(ALICE, CAROL)
    assert home(model, ALICE) == []


def test_hashtag_brings_in_tweets_of_others_but_no_replies(model: Model) -> None:
    model.follow_hashtag(ALICE, "CAFE")
    tweet = post(model, BOB, "a #Café of rooks")
    post(model, BOB, "no #cafeteria")
    post(model, BOB, "a reply #cafe", reply_to=tweet)
    assert answers.home_timeline(model, ALICE) == [Entry(tweet, tweet, "HASHTAG")]
    model.follow(ALICE, BOB)
    assert Entry(tweet, tweet, "FOLLOWING") in answers.home_timeline(model, ALICE)


@pytest.mark.parametrize(
    ("entry", "is_hidden"),
    [
        ("ROOK", True),
        ("roo", False),
        ("cafe", True),
        ("Dark Horse", True),
        ("horse dark", False),
        ("#chess", True),
        ("chess", True),
        ("#rook", False),
        ("@CAROL", True),
        ("@caro", False),
    ],
)
def test_muted_words_hide_whole_words_case_and_accents_folded(model: Model, entry: str, is_hidden: bool) -> None:
    model.follow(ALICE, BOB)
    tweet = post(model, BOB, "rook at the Café, dark horse #Chess @carol")
    model.set_muted_words(ALICE, [entry])
    assert home(model, ALICE) == ([] if is_hidden else [tweet])


def test_own_tweets_are_never_hidden_by_muted_words(model: Model) -> None:
    tweet = post(model, ALICE, "rook")
    model.set_muted_words(ALICE, ["rook"])
    assert home(model, ALICE) == [tweet]


def test_muted_author_vanishes_from_home_also_when_retweeted_but_not_from_profile(model: Model) -> None:
    model.follow(ALICE, BOB)
    tweet = post(model, CAROL)
    model.retweet(BOB, tweet)
    model.mute(ALICE, CAROL)
    assert home(model, ALICE) == []
    profile = answers.user_timeline(model, ALICE, CAROL, with_replies=False)
    assert profile == [Entry(tweet, tweet, "PROFILE")]


def test_block_hides_both_ways_and_ends_follows_and_requests(model: Model) -> None:
    model.protect(BOB)
    model.follow(BOB, ALICE)
    model.follow(ALICE, BOB)
    tweet = post(model, ALICE)
    assert model.block(ALICE, BOB) is None
    assert (model.follows, model.requests) == ({}, {})
    assert not model.may_see(BOB, tweet)
    assert model.follow(BOB, ALICE) is UserErrorCode.FORBIDDEN
    assert model.like(BOB, tweet) is UserErrorCode.NOT_FOUND
    assert answers.followers(model, BOB, ALICE) == []
    model.unblock(ALICE, BOB)
    assert model.may_see(BOB, tweet)
    assert model.follows == {}


def test_protected_account_is_for_accepted_followers_alone(model: Model) -> None:
    tweet = post(model, ALICE)
    model.follow(BOB, ALICE)
    model.protect(ALICE)
    assert [model.may_see(viewer, tweet) for viewer in (None, ALICE, BOB, CAROL)] == [False, True, True, False]
    assert model.follow(CAROL, ALICE) is None
    assert answers.relationship(model, CAROL, ALICE).has_requested_follow
    assert not model.may_see(CAROL, tweet)
    assert model.accept_follow_request(ALICE, CAROL) is None
    assert model.may_see(CAROL, tweet)
    assert model.retweet(CAROL, tweet) is UserErrorCode.FORBIDDEN
    assert model.post(CAROL, "look", quoted=tweet) is UserErrorCode.FORBIDDEN
    assert model.retweet(ALICE, tweet) is None


def test_going_public_accepts_all_requests(model: Model) -> None:
    model.protect(ALICE)
    model.follow(BOB, ALICE)
    model.follow(CAROL, ALICE)
    model.go_public(ALICE)
    assert answers.followers(model, DAVE, ALICE) == [CAROL, BOB]
    assert answers.follow_requests(model, ALICE) == []


def test_deleting_a_tweet_takes_its_acts_with_it_and_leaves_replies_and_quotes(model: Model) -> None:
    tweet = post(model, ALICE)
    reply = post(model, BOB, reply_to=tweet)
    answer = post(model, CAROL, reply_to=reply)
    quote = post(model, CAROL, quoted=tweet)
    for act in (model.like, model.retweet, model.bookmark):
        act(BOB, tweet)
    assert answers.counts(model, tweet) == answers.TweetCounts(likes=1, retweets=1, quotes=1, replies=1)
    model.delete(ALICE, tweet)
    assert (model.likes, model.retweets, model.bookmarks) == ({}, {}, {})
    assert sorted(model.tweets) == [reply, answer, quote]
    assert model.tweets[answer].conversation == tweet
    assert answers.ancestors(model, DAVE, answer) == [reply]


def test_acts_done_twice_are_done_once(model: Model) -> None:
    tweet = post(model, ALICE)
    for act in (model.like, model.retweet, model.bookmark):
        assert act(BOB, tweet) is None
        done = model.now
        assert act(BOB, tweet) is None
        assert model.now == done
    for undo in (model.unlike, model.unretweet, model.unbookmark):
        assert [undo(BOB, tweet), undo(BOB, tweet)] == [None, None]
    assert answers.counts(model, tweet) == answers.TweetCounts(likes=0, retweets=0, quotes=0, replies=0)


@pytest.mark.parametrize("kind", ["follow", "block", "mute"])
def test_nobody_does_it_to_oneself_or_to_nobody(model: Model, kind: str) -> None:
    assert getattr(model, kind)(ALICE, ALICE) is UserErrorCode.INVALID
    assert getattr(model, kind)(ALICE, "nobody") is UserErrorCode.NOT_FOUND


def test_user_timeline_leaves_out_replies_to_others_but_not_own_threads(model: Model) -> None:
    tweet = post(model, ALICE)
    thread = post(model, ALICE, reply_to=tweet)
    reply = post(model, ALICE, reply_to=post(model, BOB))
    shown = {
        with_replies: [entry.item for entry in answers.user_timeline(model, BOB, ALICE, with_replies=with_replies)]
        for with_replies in (False, True)
    }
    assert shown == {False: [thread, tweet], True: [reply, thread, tweet]}


def test_top_replies_stand_by_likes_retweets_and_replies(model: Model) -> None:
    tweet = post(model, ALICE)
    liked, retweeted, answered, plain = (post(model, BOB, reply_to=tweet) for _ in range(4))
    model.like(CAROL, liked)
    model.retweet(CAROL, retweeted)
    post(model, CAROL, reply_to=answered)
    assert answers.replies(model, DAVE, tweet, top=True) == [answered, retweeted, liked, plain]
    assert answers.replies(model, DAVE, tweet, top=False) == [plain, answered, retweeted, liked]


def test_friends_of_friends_are_proposed_unless_followed_asked_blocked_or_muted(model: Model) -> None:
    model.follow(ALICE, BOB)
    model.follow(BOB, ALICE)
    model.follow(BOB, CAROL)
    model.follow(BOB, DAVE)
    model.follow(DAVE, CAROL)
    assert answers.who_to_follow(model, ALICE) == {CAROL: 1, DAVE: 1}
    model.follow(ALICE, DAVE)
    assert answers.who_to_follow(model, ALICE) == {CAROL: 2}
    model.mute(ALICE, CAROL)
    assert answers.who_to_follow(model, ALICE) == {}


def test_protected_account_is_seen_doing_nothing_but_by_its_followers_and_in_ones_own_lists(model: Model) -> None:
    tweet = post(model, ALICE)
    model.like(CAROL, tweet)
    model.retweet(CAROL, tweet)
    retweet = model.retweets[model.now]
    model.follow(CAROL, ALICE)
    model.follow(ALICE, CAROL)
    model.follow(BOB, ALICE)
    assert answers.who_to_follow(model, BOB) == {CAROL: 1}
    model.protect(CAROL)
    assert [answers.liked_by(model, viewer, tweet) for viewer in (ALICE, BOB, CAROL, None)] == [
        [CAROL],
        [],
        [CAROL],
        [],
    ]
    model.unfollow(ALICE, CAROL)
    assert answers.retweeted_by(model, ALICE, tweet) == [CAROL]
    assert not answers.may_see_retweet(model, ALICE, retweet)
    assert answers.followers(model, ALICE, ALICE) == [BOB, CAROL]
    assert answers.followers(model, DAVE, ALICE) == [BOB]
    assert answers.following(model, DAVE, CAROL) == []
    assert answers.who_to_follow(model, BOB) == {}
    assert answers.counts(model, tweet).likes == 1


def test_deleted_account_takes_all_that_it_did_with_it(model: Model) -> None:
    tweet = post(model, ALICE)
    quote = post(model, BOB, quoted=tweet)
    model.like(BOB, tweet)
    model.retweet(BOB, tweet)
    model.follow(BOB, ALICE)
    model.delete_account(BOB)
    assert quote not in model.tweets
    assert answers.counts(model, tweet) == answers.TweetCounts(likes=0, retweets=0, quotes=0, replies=0)
    assert answers.user_counts(model, ALICE) == answers.UserCounts(followers=0, following=0, tweets=1)


def test_stories_know_every_act() -> None:
    assert set(DOCUMENTS) == set(Kind)
    assert set(Kind) <= set(WEIGHTS) | set(MODERATED)


def test_removed_tweet_is_as_deleted_for_all_but_its_author_until_it_is_restored(model: Model) -> None:
    model.follow(ALICE, BOB)
    parent = post(model, ALICE)
    tweet = post(model, BOB, reply_to=parent)
    model.like(CAROL, tweet)
    before = home(model, ALICE)
    assert model.remove(tweet) is None
    assert model.remove(tweet) is UserErrorCode.CONFLICT
    assert home(model, ALICE) == [parent]
    assert [entry.tweet for entry in answers.user_timeline(model, BOB, BOB, with_replies=True)] == [tweet]
    assert answers.user_timeline(model, ALICE, BOB, with_replies=True) == []
    assert answers.counts(model, parent).replies == answers.user_counts(model, BOB).tweets == 0
    assert answers.counts(model, tweet).likes == 1
    assert answers.likes(model, CAROL, CAROL) == []
    assert model.like(ALICE, tweet) is UserErrorCode.NOT_FOUND
    assert model.restore(tweet) is None
    assert home(model, ALICE) == before
    assert answers.likes(model, CAROL, CAROL) == [tweet]
    model.delete(BOB, tweet)
    assert model.remove(tweet) is UserErrorCode.NOT_FOUND
