"""Small charts as SVG, light and dark pages alike: lines over a day, and bars."""

from collections.abc import Sequence
from typing import NamedTuple

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 260, 48, 36, 28
_INK, _FAINT, _BLUE = "#6b7280", "#9ca3af55", "#2563eb"


class Axes(NamedTuple):
    """`most` is the height of the vertical axis, which starts at 0; `marks` stand below, evenly spread."""

    title: str
    most: float
    unit: str
    marks: Sequence[str]


def lines_chart(axes: Axes, lines: Sequence[Sequence[float]]) -> str:
    """Each line from left to right; the last one stands out."""
    drawn = [_line(line, axes.most, is_last=line is lines[-1]) for line in lines]
    return _chart(axes, drawn, spread=len(axes.marks) - 1, shift=0.0)


def bars_chart(axes: Axes, values: Sequence[float]) -> str:
    step = (_WIDTH - _LEFT) / len(values)
    bars = [
        f'<rect x="{_LEFT + at * step + 2:.1f}" y="{_y(value, axes.most):.1f}" width="{step - 4:.1f}" '
        f'height="{_HEIGHT - _BOTTOM - _y(value, axes.most):.1f}" fill="{_BLUE}"/>'
        for at, value in enumerate(values)
    ]
    return _chart(axes, bars, spread=len(axes.marks), shift=0.5)


def _line(values: Sequence[float], most: float, *, is_last: bool) -> str:
    step = (_WIDTH - _LEFT - 12) / (len(values) - 1)
    points = " ".join(f"{_LEFT + at * step:.1f},{_y(value, most):.1f}" for at, value in enumerate(values))
    look = f'stroke="{_BLUE}" stroke-width="2.5"' if is_last else f'stroke="{_INK}" stroke-opacity="0.35"'
    return f'<polyline points="{points}" fill="none" {look}/>'


def _chart(axes: Axes, drawn: Sequence[str], *, spread: int, shift: float) -> str:
    room = _WIDTH - _LEFT - (0 if shift else 12)
    marks = [
        _text(_LEFT + (at + shift) * room / spread, _HEIGHT - 14, mark, "middle") for at, mark in enumerate(axes.marks)
    ]
    grid = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        height = _y(share * axes.most, axes.most)
        grid.append(f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{height:.1f}" y2="{height:.1f}" stroke="{_FAINT}"/>')
        grid.append(_text(_LEFT - 6, height + 4, f"{share * axes.most:g}{axes.unit}", "end"))
    body = "\n".join([_text(_LEFT, 16, axes.title, "start"), *grid, *drawn, *marks])
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 8} {_HEIGHT}" font-family="sans-serif">'
    return f"{head}\n{body}\n</svg>\n"


def _y(value: float, most: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * min(value / most, 1.0)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{_INK}" text-anchor="{anchor}">{text}</text>'
