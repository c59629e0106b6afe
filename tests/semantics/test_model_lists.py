"""Lists in the brute-force model, rule by rule."""

import pytest

from core.errors import UserErrorCode
from tests.support.model import lists
from tests.support.model.answers import Entry
from tests.support.model.model import Model

ALICE, BOB, CAROL, DAVE = "alice", "bob", "carol", "dave"


@pytest.fixture
def model() -> Model:
    return Model([ALICE, BOB, CAROL, DAVE])


def made(model: Model, *members: str, is_private: bool = False) -> int:
    """A list of Alice."""
    assert lists.create(model, ALICE, is_private=is_private) is None
    number = model.now
    for member in members:
        assert lists.add(model, ALICE, number, member) is None
    return number


def post(model: Model, who: str, text: str = "hello", reply_to: int | None = None) -> int:
    assert model.post(who, text, reply_to=reply_to) is None
    return model.now


def timeline(model: Model, viewer: str | None, number: int) -> list[int]:
    return [entry.item for entry in lists.timeline(model, viewer, number)]


def test_timeline_has_members_alone_and_replies_among_them(model: Model) -> None:
    model.follow(ALICE, DAVE)
    model.follow_hashtag(ALICE, "rooks")
    number = made(model, BOB, CAROL)
    first, by_dave, own = post(model, BOB), post(model, DAVE, "#rooks"), post(model, ALICE)
    among = post(model, CAROL, reply_to=first)
    post(model, CAROL, reply_to=by_dave)
    post(model, BOB, reply_to=own)
    assert timeline(model, ALICE, number) == timeline(model, None, number) == [among, first]
    model.retweet(BOB, by_dave)
    assert lists.timeline(model, ALICE, number)[0] == Entry(model.now, by_dave, "FOLLOWING")


def test_viewer_stands_in_it_only_where_they_are_a_member(model: Model) -> None:
    number = made(model, BOB)
    own = post(model, ALICE)
    assert timeline(model, ALICE, number) == []
    lists.add(model, ALICE, number, ALICE)
    assert lists.timeline(model, ALICE, number) == [Entry(own, own, "SELF")]
    assert lists.timeline(model, DAVE, number) == [Entry(own, own, "FOLLOWING")]


def test_each_viewer_sees_what_they_may_see_and_did_not_mute(model: Model) -> None:
    number = made(model, BOB, CAROL)
    by_bob, by_carol = post(model, BOB, "rook"), post(model, CAROL)
    model.mute(DAVE, CAROL)
    model.follow(ALICE, BOB)
    model.protect(BOB)
    assert timeline(model, ALICE, number) == [by_carol, by_bob]
    assert timeline(model, DAVE, number) == []
    model.unmute(DAVE, CAROL)
    model.set_muted_words(ALICE, ["rook"])
    assert timeline(model, ALICE, number) == timeline(model, DAVE, number) == [by_carol]


def test_public_list_is_seen_as_its_owners_tweets_and_a_private_one_by_its_owner(model: Model) -> None:
    public, private = made(model, BOB), made(model, BOB, is_private=True)
    assert [lists.may_see(model, viewer, private) for viewer in (ALICE, BOB, None)] == [True, False, False]
    assert [lists.may_see(model, viewer, public) for viewer in (ALICE, BOB, None)] == [True, True, True]
    assert lists.add(model, BOB, private, CAROL) is UserErrorCode.NOT_FOUND
    assert lists.add(model, BOB, public, CAROL) is UserErrorCode.FORBIDDEN
    model.follow(BOB, ALICE)
    model.protect(ALICE)
    assert [lists.may_see(model, viewer, public) for viewer in (BOB, CAROL, None)] == [True, False, False]
    model.block(ALICE, BOB)
    assert not lists.may_see(model, BOB, public)


def test_block_and_deletion_reach_lists(model: Model) -> None:
    number = made(model, BOB, CAROL, DAVE)
    model.block(BOB, ALICE)
    assert lists.members(model, number) == [DAVE, CAROL]
    assert lists.add(model, ALICE, number, BOB) is UserErrorCode.FORBIDDEN
    model.unblock(BOB, ALICE)
    assert lists.add(model, ALICE, number, BOB) is None
    model.delete_account(CAROL)
    assert lists.members(model, number) == [BOB, DAVE]
    model.delete_account(ALICE)
    assert model.lists == {}


def test_members_are_added_and_removed_once(model: Model) -> None:
    number = made(model, BOB)
    assert lists.add(model, ALICE, number, BOB) is None
    assert lists.members(model, number) == [BOB]
    assert lists.add(model, ALICE, number, "nobody") is UserErrorCode.NOT_FOUND
    assert lists.remove(model, ALICE, number, CAROL) is None
    assert lists.delete(model, ALICE, number) is None
    assert lists.delete(model, ALICE, number) is UserErrorCode.NOT_FOUND


def test_retweet_by_a_protected_member_hides_no_later_one_from_strangers(model: Model) -> None:
    number = made(model, BOB, CAROL)
    by_dave = post(model, DAVE)
    model.follow(ALICE, BOB)
    for retweeter in (BOB, CAROL):
        model.retweet(retweeter, by_dave)
    model.protect(BOB)
    by_bob, by_carol = sorted(model.retweets)
    assert timeline(model, ALICE, number) == timeline(model, BOB, number) == [by_bob]
    assert timeline(model, DAVE, number) == timeline(model, None, number) == [by_carol]
