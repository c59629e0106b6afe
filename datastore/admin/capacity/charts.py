"""Line and bar charts as SVG, legible on light and dark pages alike."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 640, 300, 64, 36, 40
_NAMES_WIDTH, _MARGIN, _LINE_HEIGHT, _BAR_GAP = 120, 20, 13, 4
_INK, _FAINT, _HIGHLIGHT = "#6b7280", "#9ca3af55", "#2563eb"
_COLOURS = (_HIGHLIGHT, "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2")
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)

Point = tuple[float, float]


class Axes(NamedTuple):
    """Logarithmic axes. With `by_steps` the horizontal one has 1, 2, 3 ... at equal distances."""

    title: str
    across: str
    upwards: str
    by_steps: bool = False


class CategoryAxes(NamedTuple):
    """The vertical axis goes from 0 to `most`, in `unit`; `labels` stand below at equal distances."""

    title: str
    most: float
    unit: str
    labels: Sequence[str]


class _Scale(NamedTuple):
    """Maps values to pixels between `start` and `end`; `marks` are the values with a label, the outermost included."""

    measure: Callable[[float], float]
    marks: Sequence[float]
    start: float
    end: float

    def place(self, value: float) -> float:
        low, high = self.measure(self.marks[0]), self.measure(self.marks[-1])
        return self.start + (self.measure(value) - low) / (high - low) * (self.end - self.start)


def line_chart(axes: Axes, lines: Mapping[str, Sequence[Point]]) -> str:
    """Points of each line from left to right; its name stands at its end. All values must be over 0."""
    points = [point for line in lines.values() for point in line]
    scale = _steps if axes.by_steps else _powers
    right = _WIDTH - _NAMES_WIDTH
    across = scale([x for x, _ in points], _LEFT, right)
    upwards = _powers([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    body = [
        _text(_LEFT, 18, f"{axes.title} ({axes.upwards})", "start"),
        _text((_LEFT + right) / 2, _HEIGHT - 8, axes.across, "middle"),
        *_labels((across.place(mark), short(mark)) for mark in across.marks),
        *_grid(((upwards.place(mark), short(mark)) for mark in upwards.marks), right),
        *_named_lines(across, upwards, lines),
    ]
    return _svg(body)


def category_line_chart(axes: CategoryAxes, lines: Sequence[Sequence[float]]) -> str:
    """Lines from the first label to the last one; the last line is highlighted."""
    upwards, right = _linear(axes), _WIDTH - _MARGIN
    drawn = [
        _polyline(
            [(x, upwards.place(min(value, axes.most))) for x, value in zip(_spread(len(line)), line, strict=True)],
            f'stroke="{_HIGHLIGHT}" stroke-width="2.5"'
            if line is lines[-1]
            else f'stroke="{_INK}" stroke-opacity="0.35"',
        )
        for line in lines
    ]
    labels = _labels(zip(_spread(len(axes.labels)), axes.labels, strict=True))
    return _svg([_text(_LEFT, 18, axes.title, "start"), *_category_grid(axes, upwards, right), *drawn, *labels])


def bar_chart(axes: CategoryAxes, values: Sequence[float]) -> str:
    """A bar for each label."""
    upwards, right = _linear(axes), _WIDTH - _MARGIN
    step = (right - _LEFT) / len(values)
    drawn = []
    for number, value in enumerate(values):
        x, y = _LEFT + number * step + _BAR_GAP / 2, upwards.place(min(value, axes.most))
        size = f'width="{step - _BAR_GAP:.1f}" height="{upwards.start - y:.1f}"'
        drawn.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{_HIGHLIGHT}"/>')
    labels = _labels((_LEFT + (number + 0.5) * step, label) for number, label in enumerate(axes.labels))
    return _svg([_text(_LEFT, 18, axes.title, "start"), *_category_grid(axes, upwards, right), *drawn, *labels])


def short(value: float) -> str:
    """A number for an axis or a table: 1.2 k, 30 M."""
    for size, letter in ((1e15, " P"), (1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _powers(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return _Scale(math.log10, [10.0**power for power in range(low, max(high, low + 1) + 1)], start, end)


def _steps(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = math.floor(min(values)), math.ceil(max(values))
    return _Scale(float, [float(step) for step in range(low, max(high, low + 1) + 1)], start, end)


def _linear(axes: CategoryAxes) -> _Scale:
    return _Scale(float, [share * axes.most for share in _QUARTERS], _HEIGHT - _BOTTOM, _TOP)


def _spread(count: int) -> list[float]:
    """`count` pixels at equal distances over the width of a category chart."""
    return [_LEFT + number * (_WIDTH - _MARGIN - _LEFT) / (count - 1) for number in range(count)]


def _category_grid(axes: CategoryAxes, upwards: _Scale, right: float) -> Iterator[str]:
    return _grid(((upwards.place(mark), f"{mark:g}{axes.unit}") for mark in upwards.marks), right)


def _grid(marks: Iterator[tuple[float, str]], right: float) -> Iterator[str]:
    for y, label in marks:
        yield f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_FAINT}"/>'
        yield _text(_LEFT - 6, y + 4, label, "end")


def _labels(marks: Iterator[tuple[float, str]]) -> Iterator[str]:
    return (_text(x, _HEIGHT - _BOTTOM + 16, label, "middle") for x, label in marks)


def _named_lines(across: _Scale, upwards: _Scale, lines: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    """Names stand in the order of the ends of their lines, and at least a line height apart."""
    drawn = [
        (name, [(across.place(x), upwards.place(y)) for x, y in line], _COLOURS[number % len(_COLOURS)])
        for number, (name, line) in enumerate(lines.items())
    ]
    free = 0.0
    for name, places, colour in sorted(drawn, key=lambda line: line[1][-1][1]):
        yield _polyline(places, f'stroke="{colour}" stroke-width="2"')
        x, y = places[-1]
        height = max(y, free)
        free = height + _LINE_HEIGHT
        yield _text(x + 6, height + 4, name, "start", colour)


def _polyline(places: Sequence[Point], style: str) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{points}" fill="none" {style}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{colour}" text-anchor="{anchor}">{text}</text>'


def _svg(body: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
    return "\n".join([head, *body, "</svg>", ""])
