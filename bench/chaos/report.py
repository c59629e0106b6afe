"""Reports results as a table on the terminal and on a page of docs/."""

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from bench.chaos.runner import Result

_WIDTH = 60


def table(results: Sequence[Result]) -> str:
    lines = []
    for scenario, rounds, measured, holds in results:
        said = wrap(measured, _WIDTH)
        lines.append(f"{scenario.title} ({rounds} times)")
        lines.append(f"    must hold: {scenario.must}")
        lines += [f"    {'measured:  ' if not number else ' ' * 11}{line}" for number, line in enumerate(said)]
        lines.append(f"    {'holds' if holds else 'DOES NOT HOLD'}")
    return "\n".join(lines)


def write_page(page: Path, results: Sequence[Result], machine: str) -> None:
    """Replaces the row of each result in the page's table. Raises LookupError where the page has no such row."""
    text = page.read_text()
    today = dt.datetime.now(dt.UTC).date()
    for scenario, rounds, measured, holds in results:
        cells = (
            f"| {scenario.title} | {scenario.must} | {rounds} | {measured} | {'yes' if holds else '**no**'} | {today} |"
        )
        place = re.search(rf"^\| {re.escape(scenario.title)} \|.*$", text, re.MULTILINE)
        if place is None:
            raise LookupError(f"{page.name} has no row for: {scenario.title}")
        text = text[: place.start()] + cells + text[place.end() :]
    page.write_text(text)
    print(f"written to {page.name}, measured on {machine}")
