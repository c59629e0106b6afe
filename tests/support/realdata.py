"""Real data for the tests that want it; it does not come with the project."""

import os
from pathlib import Path

import pytest

from datastore.admin.importer.sources import BadLine

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("ROOKERY_REAL_DATA") or ROOT.parent / "shared" / "data").resolve()
GRAPH = FOLDER / "reed98.edges"
TWEETS = FOLDER / "tweets-2009.csv"

needs_real_data = pytest.mark.skipif(
    not (GRAPH.exists() and TWEETS.exists()),
    reason=f"{GRAPH.name} and {TWEETS.name} are not in {FOLDER}; ROOKERY_REAL_DATA names another folder",
)


def refuse(line: BadLine) -> None:
    """There are no bad lines in it."""
    raise AssertionError(str(line))
