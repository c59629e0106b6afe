"""`python -m bench.chaos [NAME ...]`: breaks the cluster, all rows of the table or those named."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from bench.chaos.rows import ROWS, Row
from bench.chaos.running import run_rows
from bench.chaos.telling import table, write_page
from bench.harness.figures import machine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description="Breaks the cluster under load.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(ROWS)} (all)")
    parser.add_argument("--rounds", type=int, help="so many times each, instead of 20")
    parser.add_argument("--keep", action="store_true", help="do not write the figures into docs/reliability.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(ROWS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    before = machine()
    rows: Sequence[Row] = [ROWS[name] for name in options.names or ROWS]
    results = asyncio.run(run_rows(rows, options.rounds))
    print(f"\n{before} before\n\n{table(results)}")
    if not options.keep:
        write_page(PAGE, results, before)


if __name__ == "__main__":
    main()
