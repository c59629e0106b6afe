"""A signature says what a use case needs: who touches one group of stores takes that group, not all services."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_folders import ROOT

PLANTED = """
async def needs_one(services: Services, user_id: UserId) -> None:
    await services.stores.users.accounts.get(user_id)
    await services.stores.users.roles.get(user_id)

async def needs_a_setting(services: Services) -> int:
    return services.media_limit

async def needs_two(services: Services) -> None:
    await services.stores.users.accounts.get(services.stores.ids())

async def hands_on(services: Services) -> None:
    await needs_two(services) and services.stores.users

async def takes_it(users: UserStores) -> None:
    await users.accounts.get(UserId(1))
"""


def narrow_functions(source: str) -> Iterator[str]:
    """Names of functions that take `Services`, and use one part of it alone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            taken = [one.arg for one in node.args.args if one.annotation and ast.unparse(one.annotation) == "Services"]
            if taken and len(set(parts_used(node, taken[0]))) == 1:
                yield node.name


def parts_used(function: ast.AST, name: str) -> Iterator[str]:
    """`.stores.users`, say, for each use of the services; empty where they are handed on, or their stores are."""
    around = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name:
            part, outer = "", around[node]
            while isinstance(outer, ast.Attribute) and part in ("", ".stores"):
                part, outer = f"{part}.{outer.attr}", around[outer]
            yield from (part,) if part not in ("", ".stores") else ("", "all")


def test_who_needs_one_part_of_the_services_takes_that() -> None:
    files = sorted((ROOT / "resolvers").rglob("*.py"))
    assert len(files) > 80
    found = {one.relative_to(ROOT).as_posix(): names for one in files if (names := _names(one))}
    assert found == {}


@pytest.mark.parametrize("without", ["", "needs_one"])
def test_narrow_functions_are_found(without: str) -> None:
    planted = PLANTED.replace("needs_one(services: Services", "needs_one(services: Stores") if without else PLANTED
    assert list(narrow_functions(planted)) == [one for one in ("needs_one", "needs_a_setting") if one != without]


def _names(path: Path) -> list[str]:
    return list(narrow_functions(path.read_text()))
