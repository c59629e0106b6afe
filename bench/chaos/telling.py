"""Tells what was found: as one table for people at a terminal, and on a page of docs/."""

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from bench.chaos.running import Result

_WIDTH = 60


def table(results: Sequence[Result]) -> str:
    lines = []
    for row, rounds, measured, holds in results:
        said = wrap(measured, _WIDTH)
        lines.append(f"{row.title} ({rounds} times)")
        lines.append(f"    must hold: {row.must}")
        lines += [f"    {'measured:  ' if not number else ' ' * 11}{line}" for number, line in enumerate(said)]
        lines.append(f"    {'holds' if holds else 'DOES NOT HOLD'}")
    return "\n".join(lines)


def write_page(page: Path, results: Sequence[Result], machine: str) -> None:
    """Each result takes the place of its row in the page's table, which has one for every fault."""
    text = page.read_text()
    today = dt.datetime.now(dt.UTC).date()
    for row, rounds, measured, holds in results:
        cells = f"| {row.title} | {row.must} | {rounds} | {measured} | {'yes' if holds else '**no**'} | {today} |"
        place = re.search(rf"^\| {re.escape(row.title)} \|.*$", text, re.MULTILINE)
        if place is None:
            raise LookupError(f"{page.name} has no row for: {row.title}")
        text = text[: place.start()] + cells + text[place.end() :]
    page.write_text(text)
    print(f"written to {page.name}, measured on {machine}")
