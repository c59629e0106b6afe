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
MOST_MODULES = 15


def test_folders_hold_about_a_dozen_modules() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if path.name != "__init__.py"]
    folders = Counter(path.relative_to(ROOT).parent.as_posix() for path in modules)
    assert len(folders) > 50
    assert {folder: count for folder, count in folders.items() if count > MOST_MODULES} == {}
