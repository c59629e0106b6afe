"""`make pin-images`: digests for all images of docker/, or none and a word about those that have none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docker.files import ROOT
from tools import pin_images
from tools.pin_images import images

ANSWER = "case $4 in {failing}) echo 'no such host' >&2; exit 1;; *) echo sha256:{digest};; esac"
IMAGES = {
    "PYTHON_DIGEST": "python:3.11-slim-bookworm",
    "REDIS_DIGEST": "redis:8.2",
    "MONGO_DIGEST": "mongo:8.0",
    "HAPROXY_DIGEST": "haproxy:3.0",
    "PROMETHEUS_DIGEST": "prom/prometheus:v3.5.0",
    "GRAFANA_DIGEST": "grafana/grafana:12.1.0",
}


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a `docker` on PATH; .env goes to the same folder."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(pin_images, "images", lambda: IMAGES)
    monkeypatch.setattr(pin_images, "DOCKER", tmp_path)
    return tmp_path


def answers(folder: Path, digest: str, failing: str = "nothing") -> None:
    (folder / "docker").write_text("#!/bin/sh\n" + ANSWER.format(digest=digest, failing=failing))
    (folder / "docker").chmod(0o755)


def test_images_are_those_of_all_files() -> None:
    assert images() == IMAGES


def test_digests_are_written_beside_what_the_file_has(docker: Path) -> None:
    environment = docker / ".env"
    environment.write_text("REDIS_PASSWORD=secret\nREDIS_DIGEST=sha256:old\n")
    for digest in ("a" * 64, "b" * 64):
        answers(docker, digest)
        assert pin_images.main() == 0
        expected = ["REDIS_PASSWORD=secret", *[f"{name}=sha256:{digest}" for name in IMAGES]]
        assert environment.read_text().splitlines() == expected
    assert environment.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("digest", "failing"), [("a" * 64, "redis:8.2"), ("none", "nothing"), ("a" * 63, "nothing")])
def test_nothing_is_written_where_one_image_has_no_digest(
    docker: Path, capsys: pytest.CaptureFixture[str], digest: str, failing: str
) -> None:
    answers(docker, digest, failing)
    assert pin_images.main() == 1
    said = capsys.readouterr().err
    assert said.endswith("Nothing was written.\n")
    assert "redis:8.2: " in said
    assert not (docker / ".env").exists()


def test_it_runs_without_packages_and_says_that_docker_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "tools" / "pin_images.py")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("No such file or directory: 'docker'") == len(IMAGES)
