"""Snowflake ids: 63 bits, sorted by time, strictly rising, never repeated."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ErrorCode
from core.ids import (
    EPOCH_MS,
    LONGEST_STEP_BACK_MS,
    MAX_ID,
    WORKERS,
    ClockError,
    SnowflakeMaker,
    compose,
    first_id_of,
    ms_of,
    time_of,
)

NOW = EPOCH_MS + 600_000_000_000
LAST_MS = EPOCH_MS + (1 << 41) - 1
SEQUENCES = 4096


@dataclass
class Clock:
    ms: int = NOW

    def __call__(self) -> int:
        return self.ms


def test_the_last_id_of_the_last_instant_is_the_largest_of_63_bits() -> None:
    assert compose(LAST_MS, WORKERS - 1, SEQUENCES - 1) == MAX_ID == 2**63 - 1
    assert time_of(MAX_ID).year == 2075


def test_an_id_tells_its_instant() -> None:
    snowflake = compose(NOW + 123, 1023, 4095)
    assert ms_of(snowflake) == NOW + 123
    assert time_of(snowflake) == datetime.fromtimestamp(NOW // 1000, UTC).replace(microsecond=123_000)


def test_ids_sort_by_time_then_worker_then_sequence() -> None:
    in_order = [compose(NOW, 0, 4095), compose(NOW, 1, 0), compose(NOW, 1, 1), compose(NOW + 1, 0, 0)]
    assert sorted(in_order) == in_order
    assert len(set(in_order)) == 4


def test_the_first_id_of_an_instant_is_not_above_any_of_it_and_above_all_before_it() -> None:
    assert first_id_of(NOW) == compose(NOW, 0, 0)
    assert first_id_of(NOW) > compose(NOW - 1, WORKERS - 1, SEQUENCES - 1)
    assert [first_id_of(ms) for ms in (EPOCH_MS, EPOCH_MS - 1, 0, -1)] == [0, 0, 0, 0]


def test_ids_of_one_millisecond_count_up_from_zero() -> None:
    make = SnowflakeMaker(7, Clock())
    assert [make() for _ in range(3)] == [compose(NOW, 7, sequence) for sequence in range(3)]


def test_more_ids_than_a_millisecond_holds_borrow_from_the_next() -> None:
    make = SnowflakeMaker(7, Clock())
    made = [make() for _ in range(2 * SEQUENCES + 1)]

    assert made[SEQUENCES - 1] == compose(NOW, 7, SEQUENCES - 1)
    assert made[SEQUENCES] == compose(NOW + 1, 7, 0)
    assert made[-1] == compose(NOW + 2, 7, 0)
    assert rises(made)


def test_borrowed_milliseconds_are_not_used_again_when_the_clock_reaches_them() -> None:
    clock = Clock()
    make = SnowflakeMaker(7, clock)
    borrowed = [make() for _ in range(SEQUENCES + 1)]
    clock.ms = NOW + 1
    assert make() == borrowed[-1] + 1


@pytest.mark.parametrize("back_ms", [1, 1000, LONGEST_STEP_BACK_MS])
def test_a_clock_that_steps_back_a_little_is_waited_out_on_the_last_instant(back_ms: int) -> None:
    clock = Clock()
    make = SnowflakeMaker(7, clock)
    make()
    clock.ms = NOW - back_ms
    assert make() == compose(NOW, 7, 1)
    clock.ms = NOW + 1
    assert make() == compose(NOW + 1, 7, 0)


def test_a_clock_that_steps_back_far_stops_the_ids_until_it_is_near_again() -> None:
    clock = Clock()
    make = SnowflakeMaker(7, clock)
    make()
    clock.ms = NOW - LONGEST_STEP_BACK_MS - 1
    with pytest.raises(ClockError, match=r"^This server is away at the moment\.") as raised:
        make()
    assert (raised.value.step_ms, raised.value.code) == (LONGEST_STEP_BACK_MS + 1, ErrorCode.UNAVAILABLE)
    is_stopped = [make.is_stopped]
    clock.ms = NOW - 1
    assert [*is_stopped, make.is_stopped] == [True, False]
    assert make() == compose(NOW, 7, 1)


@pytest.mark.parametrize("worker", [-1, WORKERS])
def test_a_worker_number_out_of_range_is_refused(worker: int) -> None:
    make = SnowflakeMaker(7, Clock())
    with pytest.raises(ValueError, match=rf"^a worker number lies in 0\.\.1023, not {worker}$"):
        make.move_to(worker)
    assert make.worker == 7


@pytest.mark.parametrize("behind_ms", [0, 1, 4000])
def test_the_next_holder_of_a_number_makes_later_ids_than_the_former(behind_ms: int) -> None:
    clock = Clock()
    former = SnowflakeMaker(7, clock)
    made = [former() for _ in range(SEQUENCES + 1)]
    clock.ms -= behind_ms

    following = SnowflakeMaker(1023, clock)
    following.move_to(7, former.last_ms)

    assert following() > made[-1]


def test_ids_go_on_rising_under_a_smaller_number_within_the_same_millisecond() -> None:
    make = SnowflakeMaker(1023, Clock())
    before = [make(), make()]
    make.move_to(0)
    assert rises([*before, make(), make()])


steps = st.one_of(
    st.integers(-8000, 8000).map(lambda ms: ("step", ms)),
    st.sampled_from([1, 2, 4095, 4097]).map(lambda count: ("make", count)),
    st.integers(0, WORKERS - 1).map(lambda worker: ("move", worker)),
)


@given(st.lists(steps, max_size=12))
def test_ids_rise_strictly_whatever_the_clock_does(story: list[tuple[str, int]]) -> None:
    clock = Clock()
    make = SnowflakeMaker(512, clock)
    made: list[int] = []
    for act, argument in story:
        if act == "step":
            clock.ms += argument
        elif act == "move":
            make.move_to(argument)
        else:
            made += made_now(make, clock, argument)
    assert rises(made)


def made_now(make: SnowflakeMaker, clock: Clock, count: int) -> list[int]:
    """`count` ids, or none if the clock is too far back."""
    if make.last_ms - clock.ms > LONGEST_STEP_BACK_MS:
        with pytest.raises(ClockError):
            make()
        return []
    return [make() for _ in range(count)]


@given(st.lists(st.tuples(st.integers(-100, 100), st.integers(0, 2)), max_size=200))
def test_makers_under_different_numbers_never_make_the_same_id(story: list[tuple[int, int]]) -> None:
    clock = Clock()
    makers = [SnowflakeMaker(worker, clock) for worker in range(3)]
    made: list[int] = []
    for step, chosen in story:
        clock.ms += step
        if makers[chosen].last_ms - clock.ms <= LONGEST_STEP_BACK_MS:
            made.append(makers[chosen]())
    assert len(set(made)) == len(made)


def rises(ids: list[int]) -> bool:
    return all(earlier < later for earlier, later in pairwise(ids))
