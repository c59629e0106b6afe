"""The documentation names paths, links, modules and make targets that exist."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "engine" / "README.md",
        *(ROOT / "clients").glob("*/README.md"),
        *(ROOT / "examples").glob("*/README.md"),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
NOT_IN_A_CLONE = (".venv", "build", "dist", "docker/.env")
MEDIA_TYPES = ("application", "multipart", "text")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_PATH = re.compile(r"[\w@.*{},-]+(?:/[\w@.*{},-]+)*/?")
_SUFFIX = re.compile(r"\.(?:cfg|conf|css|graphql|html|js|json|jsx|lua|md|png|py|sh|svg|toml|txt|yaml|yml)")
_MODULE = re.compile(r"python3? -m ([\w.]+)")
_TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def diffs_of(page: Path) -> list[str]:
    return re.findall(r"^```diff\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def first_path(diff: str) -> str:
    return diff.partition("\n")[0].removeprefix("--- a/")


each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_paths_in_backticks_exist(page: Path) -> None:
    assert [path for path in paths_named(page) if not is_there(page, path)] == []


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links_of(page) if not leads_somewhere(page, link)] == []


@each_page
def test_modules_that_are_run_exist(page: Path) -> None:
    assert [module for module in _MODULE.findall(page.read_text()) if not is_module(module)] == []


@each_page
def test_benchmarks_exist(page: Path) -> None:
    runs = re.findall(r"python -m bench ([a-z_ ]+)", page.read_text())
    assert {name for run in runs for name in run.split()} <= benchmarks()


@each_page
def test_make_targets_exist(page: Path) -> None:
    text = page.read_text()
    commands = chain(_SPAN.findall(text), _FENCE.findall(text))
    assert {target for command in commands for target in _TARGET.findall(command)} <= targets()


def test_names_of_each_file_on_the_way_exist() -> None:
    rows = re.findall(
        r"^\| (?:`([^`]+)`)? \| (`.+`) \| .+ \|$", (ROOT / "docs/life-of-a-request.md").read_text(), re.MULTILINE
    )
    missing, path = [], ""
    for named, names in rows:
        path = named or path
        text = (ROOT / path).read_text()
        missing += [
            (path, name) for name in _SPAN.findall(names) if not re.search(rf"(?:def|class|function) {name}\b", text)
        ]
    assert len(rows) > 50
    assert missing == []


@pytest.mark.skipif(shutil.which("git") is None, reason="Skipped, for there is no git here: whether diffs apply")
@pytest.mark.parametrize("diff", diffs_of(ROOT / "docs" / "adding-a-feature.md"), ids=first_path)
def test_worked_example_applies(diff: str) -> None:
    command = ["git", "apply", "--check", "-"]
    result = subprocess.run(command, cwd=ROOT, input=diff, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.returncode == 0


def test_readme_lists_each_setting() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize(
    ("span", "paths"),
    [
        ("datastore/graph/follows.py", ["datastore/graph/follows.py"]),
        ("datastore/graph/follows.py:12", ["datastore/graph/follows.py"]),
        ("docker/", ["docker/"]),
        ("app.py", ["app.py"]),
        ("uvicorn app:app", []),
        ("users.is_merged", []),
        ("/graphql", []),
        ("text/event-stream", []),
        (".venv/bin/uvicorn", []),
    ],
)
def test_span_is_told_to_be_a_path(span: str, paths: list[str]) -> None:
    assert list(paths_in(f"see `{span}`")) == paths


def paths_named(page: Path) -> Iterator[str]:
    return paths_in(page.read_text())


def paths_in(text: str) -> Iterator[str]:
    """Spans with a slash or a known suffix, outside of code blocks; no addresses, no media types, nothing installed."""
    for span in _SPAN.findall(_FENCE.sub("", text)):
        path, _, line = span.partition(":")
        if not _PATH.fullmatch(path) or (line and not line.isdecimal()):
            continue
        if not {path, path.partition("/")[0]}.isdisjoint((*NOT_IN_A_CLONE, *MEDIA_TYPES)):
            continue
        if "/" in path or _SUFFIX.fullmatch(Path(path).suffix):
            yield path


def is_there(page: Path, path: str) -> bool:
    """A path counts from the page's folder, from the root, or as the end of a path, such as `cluster/slots.py`."""
    return all(
        any(any(base.glob(one)) for base in (page.parent, ROOT))
        or any(path.endswith(f"/{one}") for path in all_paths())
        for one in unfolded(path)
    )


def unfolded(path: str) -> list[str]:
    """`a/{b,c}.py` as `a/b.py` and `a/c.py`."""
    found = re.search(r"\{([^}]*)\}", path)
    if found is None:
        return [path.rstrip("/")]
    before, after = path[: found.start()], path[found.end() :]
    return [one for part in found[1].split(",") for one in unfolded(f"{before}{part}{after}")]


@cache
def all_paths() -> Sequence[str]:
    """All files and folders of the repository."""
    folders = (folder for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    return [path.as_posix() for folder in folders for path in folder.rglob("*")]


def links_of(page: Path) -> Iterator[str]:
    """Links to other pages and files of the repository."""
    for either in _LINK.findall(_FENCE.sub("", page.read_text())):
        link = "".join(either)
        if not re.match(r"[a-z+]+:|/", link):
            yield link


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not anchor or target.suffix != ".md" or anchor in anchors_of(target))


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """As GitHub makes them of headings."""
    headings = _HEADING.findall(page.read_text())
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@cache
def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def benchmarks() -> frozenset[str]:
    return frozenset(re.findall(r'^    "(\w+)": ', (ROOT / "bench" / "__main__.py").read_text(), re.MULTILINE))
