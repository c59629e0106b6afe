"""Parsed files of docker/, and the names that they may use."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
SETTINGS = {f"ROOKERY_{name.upper()}" for name in Settings.model_fields}
PROBES = {"/healthz", "/readyz", "/metrics"}
_PINNED = re.compile(r":v?\d+(\.\d+)*(-[\w.-]+)?@\$\{[A-Z]+_DIGEST(:\?make pin-images writes it)?\}$")


def read_yaml(*path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(DOCKER.joinpath(*path).read_text(), Loader=yaml.CSafeLoader)
    return loaded


def read_environment(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def is_pinned(image: str) -> bool:
    """Whether an image has a version, a digest that must be given, and no registry host."""
    first, _, rest = image.partition("@")[0].partition("/")
    return _PINNED.search(image) is not None and (not rest or not re.search(r"[.:]", first))


def program(name: str) -> str:
    """The path of a program; skips the test where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
