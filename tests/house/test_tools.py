"""The files for editors, containers, hooks and CI parse, and name programs and modules that exist."""

import configparser
import json
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_editorconfig_agrees_with_the_formatter() -> None:
    text = (ROOT / ".editorconfig").read_text()
    sections = configparser.ConfigParser()
    # Its first line belongs to no section.
    sections.read_string(f"[top]\n{text}")
    assert sections["top"]["root"] == "true"
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    assert sections["*.py"]["max_line_length"] == str(ruff["line-length"])
    assert sections["Makefile"]["indent_style"] == "tab"


def test_hooks_run_programs_of_the_environment_alone() -> None:
    repositories = loaded_yaml(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = {hook["id"]: hook for hook in repositories[0]["hooks"]}
    assert [hook["entry"].split()[:2] for hook in hooks.values()] == [
        [".venv/bin/ruff", "format"],
        [".venv/bin/ruff", "check"],
    ]
    assert {hook["language"] for hook in hooks.values()} == {"system"}


def test_ci_runs_what_a_bare_machine_runs() -> None:
    jobs = loaded_yaml(".github/workflows/ci.yml")["jobs"]
    assert [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_container_installs_by_a_target_of_the_makefile() -> None:
    container = loaded_json(".devcontainer/devcontainer.json")
    assert container["postCreateCommand"].endswith("make .venv/installed")
    assert "INSTALLED := .venv/installed\n" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("name", ["API", "worker", "test file"])
def test_debugger_starts_modules_that_exist(name: str) -> None:
    (launched,) = (one for one in loaded_json(".vscode/launch.json")["configurations"] if one["name"] == name)
    assert find_spec(launched["module"])
    assert launched["python"] == "${workspaceFolder}/.venv/bin/python"
    assert launched["cwd"] == "${workspaceFolder}"


def test_debugged_processes_share_stores() -> None:
    api, worker, _ = loaded_json(".vscode/launch.json")["configurations"]
    assert api["env"] == worker["env"]
    assert set(api["env"]) == {"ROOKERY_MONGO_URL", "ROOKERY_REDIS_URL"}


def loaded_yaml(path: str) -> Any:
    return yaml.load((ROOT / path).read_text(), Loader=yaml.CSafeLoader)


def loaded_json(path: str) -> Any:
    return json.loads((ROOT / path).read_text())
