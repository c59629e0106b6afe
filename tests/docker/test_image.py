"""The image: small, unprivileged, and with exactly the files that it runs."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docker.files import DOCKER, ROOT, is_pinned

LINES = re.sub(r"\\\n", " ", (DOCKER / "Dockerfile").read_text()).splitlines()
SECONDS = 60


def said(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def copied() -> list[str]:
    """Files and folders of the repository in the last stage."""
    last = max(number for number, line in enumerate(LINES) if line.startswith("FROM "))
    words = [line.split()[1:] for line in LINES[last:] if line.startswith("COPY ") and "--from" not in line]
    return [name for line in words for name in line[:-1]]


def test_it_is_made_in_stages_from_an_image_by_digest() -> None:
    stages = [line.split()[0] for line in said("FROM")]
    assert len(stages) == 2
    assert all(is_pinned(image) for image in stages)
    assert said("ARG")[0] == "PYTHON_DIGEST"  # without a default: a build that is given none fails


def test_it_runs_as_somebody_without_rights_and_is_asked_for_its_health() -> None:
    assert [int(user) > 0 for user in said("USER")] == [True]
    (health,) = said("HEALTHCHECK")
    assert "/healthz" in health
    assert said("STOPSIGNAL") == ["SIGTERM"]


def test_packages_come_from_the_lock_by_hashes_as_make_installs_them() -> None:
    (installing,) = [line for line in said("RUN") if "pip sync" in line]
    assert "--require-hashes" in installing
    assert "--frozen" in installing
    assert re.search(r"^UV_VERSION := \d", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_it_holds_what_the_wheel_holds_and_the_build_is_sent_no_more() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*copied()} == {*wheel["only-include"], "LICENSE"}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sent == {*copied(), "Makefile", "pyproject.toml", "uv.lock"}


def test_its_files_suffice_to_run_the_api_the_workers_and_the_commands(tmp_path: Path) -> None:
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    tried = "import app, workers.__main__, datastore.__main__; print(app.__file__)"
    command = [sys.executable, "-c", tried]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == tmp_path / "app.py"
