"""The folder for data of a checkout."""

from pathlib import Path

import pytest

from core.runtime.data_folder import default_data_folder, media_url_in

ROOT = Path(__file__).resolve().parents[3]


def test_data_folder_is_the_users_and_the_checkouts_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    folder = default_data_folder()
    assert folder.parent == Path("/somewhere/rookery")
    assert folder.name.startswith(f"{ROOT.name}-")


def test_pictures_lie_below_the_data() -> None:
    assert media_url_in(Path("/data/of ours")) == "file:///data/of%20ours/media"
