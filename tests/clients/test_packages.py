"""npm packages are installed once, also when several processes need them at the same time."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools.npm import installed

# A stand-in for npm that takes a moment and appends a line per run.
NPM = "#!/bin/sh\nsleep 0.2\nmkdir node_modules\necho installed >> $RUNS\n"


def test_packages_that_two_need_at_once_are_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, programs, runs = tmp_path / "clients", tmp_path / "bin", tmp_path / "runs"
    for folder in (source, programs):
        folder.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (source / name).write_text("{}")
    for name in ("node", "npm"):
        (programs / name).write_text(NPM)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("RUNS", str(runs))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(installed, [source, source])
    assert first == second
    assert (first / "node_modules").is_dir()
    assert runs.read_text() == "installed\n"
