"""The import rules and the SDL checks pass, and each finds a violation that is planted into a copy of the tree."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ROOMS = ("core", "datastore", "engine", "resolvers", "schema", "subscriptions", "transport", "workers")
CHECK_SECONDS = 120
FORBIDDEN = [
    ("core", "datastore", "schema -> resolvers | subscriptions -> datastore -> core"),
    ("datastore", "subscriptions", "schema -> resolvers | subscriptions -> datastore -> core"),
    ("resolvers", "subscriptions", "schema -> resolvers | subscriptions -> datastore -> core"),
    ("subscriptions", "resolvers", "schema -> resolvers | subscriptions -> datastore -> core"),
    ("workers", "resolvers", "Workers know neither schema nor resolvers"),
    ("schema", "workers", "Nobody imports workers, the composition root, or what is not shipped"),
    ("schema", "app", "Nobody imports workers, the composition root, or what is not shipped"),
    ("workers", "app", "Workers import neither the composition root nor what is not shipped"),
    ("core", "strawberry", "Only schema and transport know GraphQL and HTTP"),
    ("datastore", "starlette.requests", "Only schema and transport know GraphQL and HTTP"),
    ("subscriptions", "graphql", "Only schema and transport know GraphQL and HTTP"),
    ("workers", "strawberry", "Only schema and transport know GraphQL and HTTP"),
    ("resolvers", "redis.asyncio", "Only datastore talks to a store"),
    ("subscriptions", "redis", "Only datastore talks to a store"),
    ("workers", "pymongo", "Only datastore talks to a store"),
    ("schema", "motor.motor_asyncio", "Only datastore talks to a store"),
    ("transport", "schema", "Transport knows no application"),
    ("transport", "datastore", "Transport knows no application"),
    ("subscriptions", "transport", "Only schema and transport know GraphQL and HTTP"),
    ("datastore.mongo", "datastore.users", "Inside datastore: from administration down to Redis"),
    ("datastore.users", "datastore.tweets", "Inside datastore: from administration down to Redis"),
    ("datastore.auth", "datastore.users", "Inside datastore: from administration down to Redis"),
    ("datastore.graph", "datastore.auth", "Inside datastore: from administration down to Redis"),
    ("datastore.jobs", "datastore.stores", "Inside datastore: from administration down to Redis"),
    ("datastore.redis.node", "datastore.redis.cluster", "Inside datastore.redis: from scripts down to one node"),
    ("transport.http", "transport.server", "Inside transport: from the server down to limits"),
    ("transport.limits", "transport.execution", "Inside transport: from the server down to limits"),
    ("schema.types", "schema.fields", "Inside schema: from the roots down to the request"),
    ("engine.runtime", "engine.compile", "Inside engine: compilation above what runs"),
    ("engine", "core", "The engine knows graphql-core and Strawberry alone"),
    ("engine", "msgspec", "The engine knows graphql-core and Strawberry alone"),
]

CIRCLE = [("workers.mails.planted", "workers.trends.planted"), ("workers.trends.planted", "workers.mails.planted")]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the rooms to change."""
    return copied_to(tmp_path)


@pytest.fixture(scope="module")
def broken_house(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Output of the check of a copy with all forbidden imports, each in its own module."""
    house = copied_to(tmp_path_factory.mktemp("house"))
    for room, imported, _ in FORBIDDEN:
        (house / room.replace(".", "/") / f"{planted(imported)}.py").write_text(f"import {imported}\n")
    for module, imported in CIRCLE:
        (house / f"{module.replace('.', '/')}.py").write_text(f"import {imported}\n")
    return lint_imports(house)


def test_rooms_as_they_are_keep_the_import_rules(house: Path) -> None:
    result = lint_imports(house)
    assert "0 broken" in result.stdout
    assert result.returncode == 0


@pytest.mark.parametrize(("room", "imported", "contract"), FORBIDDEN)
def test_forbidden_import_is_found(
    broken_house: subprocess.CompletedProcess[str], room: str, imported: str, contract: str
) -> None:
    assert f"{contract} BROKEN" in broken_house.stdout
    _, reason = broken_house.stdout.split(f"\n{contract}\n{'-' * len(contract)}\n")
    of_contract = re.split(r"\n-+\n", reason)[0]
    shown = imported if imported.partition(".")[0] in ROOMS else imported.partition(".")[0]
    # Long lines of the output are wrapped.
    assert f" {room}.{planted(imported)} -> {shown} (l.1)" in " ".join(of_contract.split())
    assert broken_house.returncode == 1


def test_circle_between_folders_is_found(broken_house: subprocess.CompletedProcess[str]) -> None:
    assert "No circle of imports between the files or folders of a room BROKEN" in broken_house.stdout
    _, found = broken_house.stdout.split("No cycles are allowed in workers.")
    assert re.search(r"\.(mails -> \.trends|trends -> \.mails) \(1 import\)", found.partition("No cycles")[0])


@pytest.mark.parametrize("module", ["pymongo", "motor", "redis", "hiredis", "bson"])
def test_composition_root_may_not_talk_to_a_store(house: Path, module: str) -> None:
    (house / "app.py").write_text(f'"""The root."""\n\nimport {module}\n\n__all__ = ["{module}"]\n')
    result = run(house, BIN / "ruff", "check", "--no-cache", "--output-format", "concise", "app.py")
    assert result.stdout.startswith(f"app.py:3:8: TID251 `{module}` is banned: Only datastore talks to a store.")
    assert result.returncode == 1


def test_sdl_as_it_is_keeps_snapshot_and_contract(house: Path) -> None:
    result = check_sdl(house)
    assert result.stderr == ""
    assert result.returncode == 0


def test_sdl_that_changed_without_its_snapshot_is_found(house: Path) -> None:
    snapshot = house / "schema" / "schema.graphql"
    snapshot.write_text(snapshot.read_text().replace("type Query {\n", "type Query {\n  planted: Int\n"))
    result = check_sdl(house)
    assert "breaks schema/schema.graphql: Field Query.planted was removed.\n" in result.stderr
    assert "\n-  planted: Int\n" in result.stderr
    assert result.returncode == 1


def test_break_of_the_contract_is_found(house: Path) -> None:
    contract = house / "schema" / "contract.graphql"
    contract.write_text(contract.read_text().replace("user(handle: String!): User\n", "user(handle: String!): User!\n"))
    result = check_sdl(house)
    assert result.stderr == "breaks schema/contract.graphql: Query.user is User, not User!.\n"
    assert result.returncode == 1


def test_snapshot_is_not_written_over_a_break(house: Path) -> None:
    snapshot = house / "schema" / "schema.graphql"
    promised = snapshot.read_text().replace("type Query {\n", "type Query {\n  planted: Int\n")
    snapshot.write_text(promised)
    assert check_sdl(house, "--write").returncode == 1
    assert snapshot.read_text() == promised


def test_missing_snapshot_is_written(house: Path) -> None:
    snapshot = house / "schema" / "schema.graphql"
    snapshot.unlink()
    assert check_sdl(house).returncode == 1
    assert check_sdl(house, "--write").returncode == 0
    assert snapshot.read_text() == (ROOT / "schema" / "schema.graphql").read_text()


@pytest.mark.parametrize("name", [*ROOMS, "app", "tests"])
def test_no_other_distribution_claims_the_name_of_a_room(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"rookery"}


def planted(imported: str) -> str:
    """Name of the module with the forbidden import."""
    return f"planted_{imported.replace('.', '_')}"


def copied_to(house: Path) -> Path:
    for room in ROOMS:
        # With compiled files, except those that another process is just writing.
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("*.pyc.*"))
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return run(house, BIN / "lint-imports", "--no-cache", "--no-logo")


def check_sdl(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(house, sys.executable, "-m", "schema.compatibility", *arguments)


def run(house: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False, timeout=CHECK_SECONDS)
