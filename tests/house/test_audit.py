"""`make audit`: holes are named and fail; what a registry does not answer is said and never passes for a clean bill."""

import json
from pathlib import Path

import pytest

from tools import audit
from tools.audit import Audit, of_npm_audit, of_pip_audit
from tools.vendor import PACKAGES

CLEAN = {"name": "htm", "version": "3.1.1", "vulns": []}
HOLE = {"name": "preact", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}]}
SKIPPED = {"name": "motor", "skip_reason": "Dependency not found on PyPI and could not be audited: motor (3.7.1)"}
NPM = {
    "vulnerabilities": {"dompurify": {"severity": "moderate", "range": "<3.2.4"}},
    "metadata": {"dependencies": {"total": 90}},
}


def of_python(*packages: object) -> Audit:
    return of_pip_audit(json.dumps({"dependencies": packages}), "")


def test_holes_are_named_with_the_versions_that_mend_them() -> None:
    assert of_python(CLEAN, HOLE).lines() == [
        "uv.lock: 2 packages audited, 1 known holes",
        "  preact 1.0: PYSEC-1, mended in 1.1, 2.0",
    ]
    assert of_npm_audit("web", json.dumps(NPM), "").lines() == [
        "web: 90 packages audited, 1 known holes",
        "  dompurify: moderate, <3.2.4",
    ]


def test_what_was_not_answered_is_said() -> None:
    assert of_python(CLEAN, SKIPPED).lines() == [
        "uv.lock: 1 packages audited, no known hole",
        f"uv.lock: NOT AUDITED, 1 packages, the first: {SKIPPED['skip_reason']}",
    ]
    assert of_pip_audit("", "no route to host").lines() == ["uv.lock: NOT AUDITED, no route to host"]
    assert of_npm_audit("web", "", "npm is not there").lines() == ["web: NOT AUDITED, npm is not there"]
    refused = json.dumps({"message": "405 Method Not Allowed", "error": {}})
    assert of_npm_audit("web", refused, "").lines() == ["web: NOT AUDITED, 405 Method Not Allowed"]


@pytest.mark.parametrize(
    ("found", "usual", "strict"),
    [
        (Audit("web", 1, [], ""), 0, 0),
        (Audit("web", 1, ["dompurify"], ""), 1, 1),
        (Audit("web", 0, [], "away"), 0, 1),
    ],
    ids=["clean", "hole", "away"],
)
def test_a_hole_fails_and_silence_fails_if_asked(
    monkeypatch: pytest.MonkeyPatch, found: Audit, usual: int, strict: int
) -> None:
    for name in ("audit_lock", "audit_vendored", "audit_graphiql"):
        monkeypatch.setattr(audit, name, lambda: found)
    for options, status in (([], usual), (["--strict"], strict)):
        monkeypatch.setattr("sys.argv", ["audit", *options])
        assert audit.main() == status


def test_every_vendored_file_is_of_a_package_that_is_audited() -> None:
    files = {name for package in PACKAGES for name in package.files}
    folder = Path(audit.__file__).parents[1] / "web" / "vendor"
    assert files == {path.name for path in folder.glob("*.js")}
