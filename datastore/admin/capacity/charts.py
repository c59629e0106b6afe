"""Curves over several orders of magnitude as SVG, for light and dark pages alike: axes are logarithmic."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 300, 64, 120, 36, 40
_LINE = 13
_INK, _FAINT = "#6b7280", "#9ca3af55"
_COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2")

Point = tuple[float, float]


class Axes(NamedTuple):
    """`by_steps`: one, two, three of something stand across, as far from each other."""

    title: str
    across: str
    upwards: str
    by_steps: bool = False


class _Scale(NamedTuple):
    """From a value to a place on a line. `marks` are the values that are written beside it."""

    measure: Callable[[float], float]
    marks: Sequence[float]
    start: float
    end: float

    def place(self, value: float) -> float:
        low, high = self.measure(self.marks[0]), self.measure(self.marks[-1])
        return self.start + (self.measure(value) - low) / (high - low) * (self.end - self.start)


def curves(axes: Axes, lines: Mapping[str, Sequence[Point]]) -> str:
    """Each line from left to right, named at its end. All values must be over 0."""
    points = [point for line in lines.values() for point in line]
    scale = _steps if axes.by_steps else _powers
    across = scale([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    upwards = _powers([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    body = [
        _text(_LEFT, 18, f"{axes.title} ({axes.upwards})", "start"),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, axes.across, "middle"),
        *_grid(across, upwards),
        *_lines(across, upwards, lines),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
    return "\n".join([head, *body, "</svg>", ""])


def _powers(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return _Scale(math.log10, [10.0**power for power in range(low, max(high, low + 1) + 1)], start, end)


def _steps(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = math.floor(min(values)), math.ceil(max(values))
    return _Scale(float, [float(step) for step in range(low, max(high, low + 1) + 1)], start, end)


def _grid(across: _Scale, upwards: _Scale) -> Iterator[str]:
    for mark in across.marks:
        yield _text(across.place(mark), _HEIGHT - _BOTTOM + 16, short(mark), "middle")
    for mark in upwards.marks:
        y = upwards.place(mark)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_FAINT}"/>'
        yield _text(_LEFT - 6, y + 4, short(mark), "end")


def _lines(across: _Scale, upwards: _Scale, lines: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    """Names stand in the order of the ends of their lines, so far from each other that they can be read."""
    drawn = [
        (name, [(across.place(x), upwards.place(y)) for x, y in line], _COLOURS[number % len(_COLOURS)])
        for number, (name, line) in enumerate(lines.items())
    ]
    free = 0.0
    for name, places, colour in sorted(drawn, key=lambda line: line[1][-1][1]):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        x, y = places[-1]
        height = max(y, free)
        free = height + _LINE
        yield _text(x + 6, height + 4, name, "start", colour)


def short(value: float) -> str:
    """A number for an axis or a table: 1.2 k, 30 M."""
    for size, letter in ((1e15, " P"), (1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _text(x: float, y: float, text: str, anchor: str, colour: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{colour}" text-anchor="{anchor}">{text}</text>'
