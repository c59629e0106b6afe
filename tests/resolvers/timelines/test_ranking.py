"""The order of TOP mode as a pure function of what is known of the items."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.ids import UserId
from resolvers.timelines.ranking import CONFIG, Candidate, rank

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ALICE, BOB = UserId(1), UserId(2)

candidates = st.lists(
    st.builds(
        Candidate,
        item_id=st.integers(1, 10_000),
        author_id=st.integers(1, 4).map(UserId),
        age_ms=st.integers(0, 30 * DAY_MS),
        likes=st.integers(0, 1_000),
        retweets=st.integers(0, 1_000),
        replies=st.integers(0, 1_000),
        is_reply=st.booleans(),
        disliked_ms_ago=st.none() | st.integers(0, 400 * DAY_MS),
    ),
    unique_by=lambda candidate: candidate.item_id,
    max_size=30,
)


PLAIN = Candidate(item_id=0, author_id=ALICE, age_ms=HOUR_MS, likes=0, retweets=0, replies=0)


def item(item_id: int, author_id: UserId = ALICE, **more: Any) -> Candidate:
    return replace(PLAIN, item_id=item_id, author_id=author_id, **more)


@given(candidates)
def test_ranks_every_item_that_is_not_hidden_once_and_by_score(found: list[Candidate]) -> None:
    ranked = rank(found)

    hidden_ms = CONFIG.hidden_days * DAY_MS
    shown = {one.item_id for one in found if one.disliked_ms_ago is None or one.disliked_ms_ago >= hidden_ms}
    assert {one.item_id for one in ranked} <= shown
    assert len({one.item_id for one in ranked}) == len(ranked)
    assert ranked == sorted(ranked, key=lambda one: (one.score, one.item_id), reverse=True)
    assert all(one.score == sum(term.value * term.weight for term in one.terms) for one in ranked)


def test_replies_weigh_more_than_retweets_and_these_more_than_likes() -> None:
    ranked = rank([item(1, UserId(1), likes=10), item(2, UserId(2), retweets=10), item(3, UserId(3), replies=10)])

    assert [one.item_id for one in ranked] == [3, 2, 1]


def test_new_stands_above_old_where_nobody_engaged() -> None:
    ranked = rank([item(1, ALICE, age_ms=12 * HOUR_MS), item(2, BOB, age_ms=HOUR_MS)])

    assert [one.item_id for one in ranked] == [2, 1]


def test_second_item_of_an_author_counts_less_than_the_first_of_another() -> None:
    ranked = rank([item(1, ALICE, likes=20), item(2, ALICE, likes=20), item(3, BOB, likes=15)])

    assert [one.item_id for one in ranked] == [2, 3, 1]


def test_author_is_hidden_for_14_days_and_then_discounted() -> None:
    hidden = item(1, ALICE, disliked_ms_ago=13 * DAY_MS)
    discounted = item(2, BOB, disliked_ms_ago=15 * DAY_MS)
    liked = item(3, UserId(3))

    assert [one.item_id for one in rank([hidden, discounted, liked])] == [3, 2]
