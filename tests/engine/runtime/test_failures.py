"""Errors of one execution: depth-first order, and one error for each null."""

from engine.runtime.failures import Failures
from engine.runtime.result_paths import PathStep


def messages_of(*failures: tuple[str, list[tuple[int, str]], int]) -> list[str]:
    """Messages in order, of failures given as message, steps with ranks, and null levels."""
    recorded = Failures()
    for message, steps, null_levels in failures:
        recorded.add(ValueError(message), [], tuple(PathStep(rank, key, None) for rank, key in steps), null_levels)
    return [error.message for error in recorded.in_order()]


def test_errors_are_ordered_depth_first_by_the_rank_of_their_fields() -> None:
    assert messages_of(
        ("second", [(1, "b")], 0), ("first", [(0, "a"), (1, "y")], 0), ("zeroth", [(0, "a"), (0, "x")], 0)
    ) == [
        "zeroth",
        "first",
        "second",
    ]


def test_of_errors_below_one_null_the_first_is_reported() -> None:
    assert messages_of(("b", [(0, "a"), (1, "b")], 1), ("a", [(0, "a"), (0, "a")], 1)) == ["a"]


def test_an_error_does_not_hide_errors_beside_its_null() -> None:
    assert messages_of(("a", [(0, "a"), (0, "x")], 0), ("b", [(0, "a"), (1, "y")], 0)) == ["a", "b"]


def test_a_null_that_propagates_to_the_root_leaves_one_error() -> None:
    assert messages_of(("a", [(0, "a"), (0, "x")], 2), ("b", [(1, "b")], 0)) == ["a"]
