"""Lines that `python app.py` prints when everything is there."""

import fcntl
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.settings import Environment, Settings
from datastore.embedded.stores import DataInUseError, remove_data
from launch import MAIL_IS_OFF, kept_secret, own_port, start_lines


@pytest.mark.parametrize("is_prod", [False, True])
def test_start_lines_tell_what_is_there(*, is_prod: bool) -> None:
    key = SecretStr("k" * 32) if is_prod else None
    lines = start_lines(8001, Settings(env=Environment.PROD if is_prod else Environment.DEV, secret_key=key))
    assert any("http://127.0.0.1:8001/mail" in line for line in lines) is not is_prod
    assert (MAIL_IS_OFF in lines) is is_prod
    assert [line for line in lines if line.startswith("web page")] == ["web page      http://127.0.0.1:8001"]
    assert [line for line in lines if line.startswith("API")] == ["API           http://127.0.0.1:8001/graphql"]
    assert any(line.startswith("demo sign in: handle demo, password ") for line in lines) is not is_prod
    assert any("GraphiQL" in line for line in lines) is not is_prod
    assert lines[-1] == "Ctrl-C stops all of it."


def test_taken_port_is_said_and_the_next_one_tried(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with own_port(port) as first, own_port(port) as second:
            assert port < first < second
    assert capsys.readouterr().err.splitlines()[0] == f"Port {port} is taken."


def test_free_port_is_taken_as_it_is_and_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with own_port(port) as own:
        assert own == port
    assert capsys.readouterr().err == ""


def test_data_is_removed_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret.key").write_text("key")
    remove_data(folder)
    assert not folder.exists()
    remove_data(folder)


@pytest.mark.parametrize("lock", ["owner.lock", "stores.lock"])
def test_data_in_use_is_not_removed(tmp_path: Path, lock: str) -> None:
    with (tmp_path / lock).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(DataInUseError):
            remove_data(tmp_path)
    assert tmp_path.exists()


def test_secret_is_kept_beside_the_data_even_where_no_store_made_the_folder(tmp_path: Path) -> None:
    data = tmp_path / "rookery" / "data"
    secret = kept_secret(data)
    assert kept_secret(data) == secret
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_secret_without_a_data_folder_is_of_one_start() -> None:
    assert kept_secret(None) != kept_secret(None)
