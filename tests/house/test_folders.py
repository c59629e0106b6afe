"""No folder of the code needs a search: about a dozen modules at most."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "bench",
    "core",
    "datastore",
    "engine",
    "resolvers",
    "schema",
    "subscriptions",
    "tools",
    "transport",
    "workers",
)
MOST_MODULES, MOST_TESTS = 14, 15
BESIDE_ROOMS = ("clients/python", "examples", "tests")
LARGE_FOLDERS = {"tests/web": 23}
"""Folders with the number of modules that they may have at most. The page has a file for each of its views."""


def sizes(*roots: str) -> Counter[str]:
    modules = [path for root in roots for path in (ROOT / root).rglob("*.py") if path.name != "__init__.py"]
    return Counter(path.relative_to(ROOT).parent.as_posix() for path in modules)


def test_folders_of_the_code_hold_about_a_dozen_modules() -> None:
    folders = sizes(*ROOMS)
    assert len(folders) > 50
    assert {folder: count for folder, count in folders.items() if count > MOST_MODULES} == {}


def test_folders_of_tests_and_of_clients_hold_about_a_dozen_modules() -> None:
    folders = sizes(*BESIDE_ROOMS)
    assert len(folders) > 50
    assert {one: count for one, count in folders.items() if count > LARGE_FOLDERS.get(one, MOST_TESTS)} == {}
