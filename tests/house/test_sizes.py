"""Files and functions of the code are read at one glance: at most 250 and 30 lines."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_folders import ROOMS, ROOT

MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION = 250, 30


def files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def functions_over(source: str, most: int) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            if node.end_lineno - node.lineno >= most:
                yield node.name


def test_files_have_no_more_lines_than_one_reads_at_once() -> None:
    sizes = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in files()}
    assert len(sizes) > 300
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_OF_A_FILE} == {}


def test_functions_have_no_more_lines_than_one_reads_at_once() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in files()
        if (names := list(functions_over(path.read_text(), MOST_LINES_OF_A_FUNCTION)))
    }
    assert found == {}


@pytest.mark.parametrize(("lines", "found"), [(30, []), (31, ["long"])])
def test_function_that_is_too_long_is_found(lines: int, found: list[str]) -> None:
    source = "class Any:\n    async def long(self) -> None:\n" + "        pass\n" * (lines - 1)
    assert list(functions_over(source, MOST_LINES_OF_A_FUNCTION)) == found
