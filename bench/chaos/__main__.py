"""`python -m bench.chaos [NAME ...]`: runs all fault scenarios, or those named."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from bench.chaos.report import table, write_page
from bench.chaos.runner import run_scenarios
from bench.chaos.scenarios import SCENARIOS, Scenario
from bench.harness.figures import machine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description="Breaks the cluster under workload.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(SCENARIOS)} (all)")
    parser.add_argument("--rounds", type=int, help="so many times each, instead of 20")
    parser.add_argument("--keep", action="store_true", help="do not write the figures into docs/reliability.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(SCENARIOS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    before = machine()
    scenarios: Sequence[Scenario] = [SCENARIOS[name] for name in options.names or SCENARIOS]
    results = asyncio.run(run_scenarios(scenarios, options.rounds))
    print(f"\n{before} before\n\n{table(results)}")
    if not options.keep:
        write_page(PAGE, results, before)


if __name__ == "__main__":
    main()
