"""Files that the clients have from the SDL are those that it gives."""

from pathlib import Path

import pytest

from tools.clients.__main__ import generated

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.suffix[1:])
def test_generated_files_fit_the_sdl(path: Path) -> None:
    assert path.read_text() == generated()[path], f"{path.relative_to(ROOT)} is old: run `python -m tools.clients`"
