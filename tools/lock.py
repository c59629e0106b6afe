"""Writes uv.lock without the address of any package index, or checks that it is current and has none.

The reason is in docs/decisions/0002-lock-without-hosts.md.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "uv.lock"
UV = Path(sys.executable).with_name("uv")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the lock is not current")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    options = parser.parse_args()
    return check() if options.check else write(upgrade=options.upgrade)


def write(*, upgrade: bool) -> int:
    subprocess.run([UV, "lock", *(["--upgrade"] if upgrade else [])], cwd=ROOT, check=True)
    LOCK.write_text(without_hosts(LOCK.read_text()))
    return 0


def check() -> int:
    """Returns the exit status. Needs no network, since a current lock needs no new resolution."""
    if without_hosts(LOCK.read_text()) != LOCK.read_text():
        print("uv.lock names a package index: run `make lock`.", file=sys.stderr)
        return 1
    if subprocess.run([UV, "lock", "--check", "--offline", "--quiet"], cwd=ROOT, check=False).returncode:
        print("uv.lock does not fit pyproject.toml: run `make lock`.", file=sys.stderr)
        return 1
    return 0


def without_hosts(lock: str) -> str:
    """Keeps file names and hashes, which are all that an installer needs, wherever it fetches from."""
    named = re.sub(r'url = "https?://[^"]*/([^"/]+)"', r'filename = "\1"', lock)
    return re.sub(r'registry = "https?://[^"]*"', 'registry = "index"', named)


if __name__ == "__main__":
    sys.exit(main())
