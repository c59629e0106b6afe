"""Shared metrics folders of processes that uvicorn started together."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from core.runtime import metrics
from core.runtime.metrics_multiprocess import forget_process, share_counts, shared_folder

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@pytest.fixture(autouse=True)
def parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files, and an environment of a single process."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv(FOLDER, "")
    monkeypatch.delenv(FOLDER)
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    return tmp_path


@pytest.mark.parametrize("number", ["", "1", "two"])
def test_single_process_counts_for_itself(number: str, parents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", number)
    share_counts()
    assert shared_folder() is None
    assert list(parents.iterdir()) == []


def test_processes_share_a_folder_of_their_parent_and_remove_those_of_ended_ones(
    parents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (parents / f"rookery-metrics-{ended.pid}").mkdir()
    (parents / f"rookery-metrics-{os.getpid()}").mkdir()
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    share_counts()
    own = parents / f"rookery-metrics-{os.getppid()}"
    assert shared_folder() == own
    assert sorted(parents.iterdir()) == sorted([own, parents / f"rookery-metrics-{os.getpid()}"])


def test_folder_that_is_set_already_is_kept(parents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    monkeypatch.setenv(FOLDER, str(parents / "own"))
    share_counts()
    assert shared_folder() == parents / "own"
    assert list(parents.iterdir()) == []


def test_ended_process_leaves_its_counters_and_no_live_gauge(parents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(parents))
    own, other = os.getpid(), os.getpid() + 1
    names = [f"gauge_livesum_{own}.db", f"gauge_livesum_{other}.db", f"counter_{own}.db"]
    for name in names:
        (parents / name).touch()
    forget_process()
    assert sorted(path.name for path in parents.iterdir()) == sorted(names[1:])


def test_every_metric_is_of_a_kind_that_processes_can_share() -> None:
    """prometheus_client leaves out the others, and shows 0 for a gauge that asks a function."""
    ours = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    assert {type(metric) for metric in ours} == {Counter, Gauge, Histogram}
    assert [metric for metric in ours if "_child_samples" in vars(metric)] == []
