"""Docstrings begin with the thing that they describe."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "bench",
    "clients",
    "core",
    "datastore",
    "engine",
    "resolvers",
    "schema",
    "subscriptions",
    "tests",
    "tools",
    "transport",
    "workers",
)
OPENING = re.compile(r"\s*(Of|What|Who|Whom|Whose)\b")


def test_no_docstring_opens_with_a_relative_word() -> None:
    files = [*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    assert len(files) > 1000
    assert [f"{path.relative_to(ROOT)}: {line}" for path in files for line in openings(path.read_text())] == []


def test_openings_are_found() -> None:
    module = (
        '"""Whom it tells."""\n\ndef f():\n    """Of one user."""\n\nMOST = 3\n"""What is kept."""\n\n"""Rows."""\n'
    )
    assert sorted(openings(module)) == ["Of one user.", "What is kept.", "Whom it tells."]


def openings(source: str) -> Iterator[str]:
    """First lines of docstrings, of attributes too, that open so."""
    if re.search(r'"""\s*(Of|What|Who)', source) is None:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            text = node.value.value
            if OPENING.match(text):
                yield text.strip().partition("\n")[0]
