"""Curves as pictures: where lines, marks and names stand."""

import re
from itertools import pairwise

import pytest

from datastore.admin.capacity.charts import Axes, curves


def texts_of(picture: str) -> dict[str, tuple[float, float]]:
    """Where each stands."""
    drawn = re.findall(r'<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)</text>', picture)
    return {text: (float(x), float(y)) for x, y, text in drawn}


def test_names_stand_in_the_order_of_the_ends_of_their_lines_and_apart() -> None:
    lines = {"low": [(1.0, 5.0), (9.0, 99.0)], "high": [(1.0, 1.0), (9.0, 100.0)], "least": [(1.0, 1.0), (9.0, 2.0)]}
    found = texts_of(curves(Axes("title", "across", "upwards"), lines))
    heights = [found[name][1] for name in ("high", "low", "least")]
    assert all(after - before >= 13 for before, after in pairwise(heights))


def test_steps_stand_as_far_from_each_other_and_powers_too() -> None:
    lines = {"a": [(1.0, 1e3), (3.0, 1e6)]}
    steps = texts_of(curves(Axes("title", "across", "upwards", by_steps=True), lines))
    assert steps["2"][0] - steps["1"][0] == steps["3"][0] - steps["2"][0] > 0
    powers = texts_of(curves(Axes("title", "across", "upwards"), lines))
    assert powers["1 k"][1] - powers["10 k"][1] == pytest.approx(powers["10 k"][1] - powers["100 k"][1], abs=0.2)
