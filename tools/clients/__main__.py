"""`python -m tools.clients` writes what the clients have from the SDL; with `--check` it compares, and ends with 1."""

import argparse
import sys
import tomllib
from pathlib import Path

from tools.clients.python import python
from tools.clients.read_shapes import ROOT, read_shapes
from tools.clients.typescript import typescript

PYTHON = ROOT / "clients" / "python" / "rookery_client" / "generated.py"
TYPESCRIPT = ROOT / "clients" / "typescript" / "src" / "generated.ts"


def generated() -> dict[Path, str]:
    """Texts by file."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    found = read_shapes()
    return {PYTHON: python(found, version), TYPESCRIPT: typescript(found, version)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.clients", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    checks = parser.parse_args().check
    stale = {path: text for path, text in generated().items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        if checks:
            print(f"{path.relative_to(ROOT)} is not what `make sdl` writes")
        else:
            path.write_text(text)
    return 1 if checks and stale else 0


if __name__ == "__main__":
    sys.exit(main())
