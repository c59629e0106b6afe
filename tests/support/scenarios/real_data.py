"""Real data for tests that need it; it is not part of the repository."""

import os
from pathlib import Path

import pytest

from datastore.admin.importer.sources import BadLine

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("ROOKERY_REAL_DATA") or ROOT.parent / "shared" / "data").resolve()
GRAPH = FOLDER / "reed98.edges"
TWEETS = FOLDER / "tweets-2009.csv"

needs_real_data = pytest.mark.skipif(
    not (GRAPH.exists() and TWEETS.exists()),
    reason=f"{GRAPH.name} and {TWEETS.name} are not in {FOLDER}; ROOKERY_REAL_DATA names another folder",
)


def refuse(line: BadLine) -> None:
    """The real data has no bad lines."""
    raise AssertionError(str(line))
