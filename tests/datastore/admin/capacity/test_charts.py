"""Charts as SVG: where lines, bars, labels and names stand."""

import re
from itertools import pairwise

import pytest

from datastore.admin.capacity.charts import Axes, CategoryAxes, bar_chart, category_line_chart, line_chart


def texts_of(picture: str) -> dict[str, tuple[float, float]]:
    """Coordinates by text."""
    drawn = re.findall(r'<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)</text>', picture)
    return {text: (float(x), float(y)) for x, y, text in drawn}


def test_names_stand_in_the_order_of_the_ends_of_their_lines_and_apart() -> None:
    lines = {"low": [(1.0, 5.0), (9.0, 99.0)], "high": [(1.0, 1.0), (9.0, 100.0)], "least": [(1.0, 1.0), (9.0, 2.0)]}
    found = texts_of(line_chart(Axes("title", "across", "upwards"), lines))
    heights = [found[name][1] for name in ("high", "low", "least")]
    assert all(after - before >= 13 for before, after in pairwise(heights))


def test_steps_stand_as_far_from_each_other_and_powers_too() -> None:
    lines = {"a": [(1.0, 1e3), (3.0, 1e6)]}
    steps = texts_of(line_chart(Axes("title", "across", "upwards", by_steps=True), lines))
    assert steps["2"][0] - steps["1"][0] == steps["3"][0] - steps["2"][0] > 0
    powers = texts_of(line_chart(Axes("title", "across", "upwards"), lines))
    assert powers["1 k"][1] - powers["10 k"][1] == pytest.approx(powers["10 k"][1] - powers["100 k"][1], abs=0.2)


def test_bars_stand_over_their_labels_and_as_high_as_their_values() -> None:
    picture = bar_chart(CategoryAxes("title", 100, "%", ["a", "b"]), [25, 100])
    bars = [
        tuple(map(float, bar)) for bar in re.findall(r'<rect x="(.*?)" y=".*?" width="(.*?)" height="(.*?)"', picture)
    ]
    labels, (low, high) = texts_of(picture), bars
    assert high[2] == 4 * low[2]
    for name, (left, width, _) in (("a", low), ("b", high)):
        assert labels[name][0] == pytest.approx(left + width / 2, abs=0.1)
    assert labels["50%"][1] - labels["100%"][1] == labels["0%"][1] - labels["50%"][1] > 0


def test_lines_over_labels_end_at_the_edges_and_the_last_one_is_highlighted() -> None:
    picture = category_line_chart(CategoryAxes("title", 4, "", ["0:00", "24:00"]), [[0, 1, 2], [4, 4, 9]])
    lines = re.findall(r'points="(.*?)" fill="none" stroke="(.*?)"', picture)
    labels = texts_of(picture)
    ends = [[float(place.split(",")[0]) for place in points.split()[:: len(points.split()) - 1]] for points, _ in lines]
    assert ends == [[labels["0:00"][0], labels["24:00"][0]]] * 2
    assert [colour for _, colour in lines] == ["#6b7280", "#2563eb"]
    assert {place.split(",")[1] for place in lines[1][0].split()} == {"36.0"}
