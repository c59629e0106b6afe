"""`python -m tools.audit` asks the registries for known holes: in uv.lock by pip-audit, in vendored files by npm audit.

Exit status 1 where a hole is known. What a registry does not answer is said, and fails with `--strict` alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.vendor import PACKAGES

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
PIP_AUDIT = "pip-audit==2.10.1"
GRAPHIQL = ROOT / "web" / "graphiql" / "source"
SECONDS = 300


class Audit(NamedTuple):
    """`holes`: a line each. `unanswered`: why some or all packages could not be audited; empty if all were."""

    subject: str
    audited: int
    holes: Sequence[str]
    unanswered: str

    def lines(self) -> list[str]:
        found = f"{len(self.holes)} known holes" if self.holes else "no known hole"
        return [
            *([f"{self.subject}: {self.audited} packages audited, {found}"] if self.audited else []),
            *(f"  {hole}" for hole in self.holes),
            *([f"{self.subject}: NOT AUDITED, {self.unanswered}"] if self.unanswered else []),
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--strict", action="store_true", help="fail also where a registry does not answer")
    is_strict = parser.parse_args().strict
    audits = [audit_lock(), audit_vendored(), audit_graphiql()]
    for audit in audits:
        print("\n".join(audit.lines()))
    return int(any(audit.holes or (is_strict and audit.unanswered) for audit in audits))


def audit_lock() -> Audit:
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "requirements.txt"
        export = ("export", "--frozen", "--all-groups", "--no-emit-project", "--quiet", "--output-file", str(pins))
        subprocess.run([UV, *export], cwd=ROOT, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)
        options = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
        command = (str(UV), "tool", "run", "--from", PIP_AUDIT, "pip-audit", "--requirement", str(pins), *options)
        return of_pip_audit(*_outcome(command, Path(folder)))


def audit_vendored() -> Audit:
    """The packages from which web/vendor was copied."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = {package.name: package.version for package in PACKAGES}
        (Path(folder) / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}))
        lock = ("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        _outcome(lock, Path(folder))
        return _audited_by_npm("web/vendor", Path(folder))


def audit_graphiql() -> Audit:
    """The packages of which the GraphiQL bundle was built."""
    return _audited_by_npm("web/graphiql", GRAPHIQL)


def of_pip_audit(output: str, complaint: str) -> Audit:
    """It ends with success where the index knows nothing of a package, so the packages are counted here."""
    try:
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, LookupError):
        return Audit("uv.lock", 0, [], complaint)
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'none'}"
        for package in packages
        for hole in package.get("vulns", ())
    ]
    unanswered = f"{len(skipped)} packages, the first: {skipped[0]}" if skipped else ""
    return Audit("uv.lock", len(packages) - len(skipped), holes, unanswered)


def of_npm_audit(subject: str, output: str, complaint: str) -> Audit:
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        return Audit(subject, 0, [], complaint)
    if "vulnerabilities" not in answer:
        return Audit(subject, 0, [], str(answer.get("message", complaint)))
    holes = [f"{name}: {hole['severity']}, {hole['range']}" for name, hole in answer["vulnerabilities"].items()]
    return Audit(subject, answer["metadata"]["dependencies"]["total"], holes, "")


def _audited_by_npm(subject: str, folder: Path) -> Audit:
    return of_npm_audit(subject, *_outcome(("npm", "audit", "--package-lock-only", "--json"), folder))


def _outcome(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """Standard output, and what the command complained of last."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return done.stdout, lines[-1] if lines else f"{command[0]} ended with {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
