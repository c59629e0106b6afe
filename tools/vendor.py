"""Copies third-party code of web/ into web/vendor, from npm packages in the versions named here.

Needs npm. A package with another SHA-512 than the noted one is refused. `--check` writes nothing and compares the files
with their checksums.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[1] / "web" / "vendor"
CHECKSUMS = FOLDER / "checksums.txt"
LICENCES = FOLDER / "LICENSES.md"


class Package(NamedTuple):
    """`files` maps names in web/vendor to paths in the package."""

    name: str
    version: str
    integrity: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "preact",
        "11.2.0",
        "sha512-/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0nP7dqDU9OnLxMPZ7xBg==",
        "LICENSE",
        {"preact.js": "dist/preact.mjs", "hooks.js": "hooks/dist/hooks.mjs"},
    ),
    Package(
        "htm",
        "3.1.1",
        "sha512-983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==",
        "LICENSE",
        {"htm.js": "dist/htm.mjs"},
    ),
    Package(
        "graphql-ws",
        "6.4.2",
        "sha512-wxhPhhOGJo8PbGDkBYVE76sZLDrS+GkyrR4bZECSLVbo0pZZNKs0HtBh2Ip/uaUuiVUxwO9ssI9R92buQfNSqQ==",
        "LICENSE.md",
        {"graphql-ws.js": "dist/client.js", "graphql-ws-common.js": "dist/common-CGW11Fyb.js"},
    ),
)

# Browsers do not resolve package names; the files are neighbours.
IMPORTS = {
    'from"preact"': 'from"./preact.js"',
    "from './common-CGW11Fyb.js'": "from './graphql-ws-common.js'",
}


def main() -> int:
    parser = argparse.ArgumentParser(description="What web/ loads of other people's code.")
    parser.add_argument("--check", action="store_true", help="only compare the files with their checksums")
    if parser.parse_args().check:
        return _check()
    FOLDER.mkdir(exist_ok=True)
    sums, licences = [], ["# Licences of what lies here", "Written by `tools/vendor.py`."]
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as scratch:
            folder = _unpacked(package, Path(scratch))
            sums += [_bring(folder / source, name) for name, source in package.files.items()]
            licences.append(f"## {package.name} {package.version}\n\n{(folder / package.licence).read_text().strip()}")
    CHECKSUMS.write_text("".join(sorted(sums)))
    LICENCES.write_text("\n\n".join(licences) + "\n")
    return 0


def _unpacked(package: Package, scratch: Path) -> Path:
    """Raises SystemExit where the package has another checksum than the noted one."""
    wanted = f"{package.name}@{package.version}"
    packed = subprocess.run(["npm", "pack", "--json", wanted], cwd=scratch, check=True, capture_output=True, text=True)
    archive = scratch / json.loads(packed.stdout)[0]["filename"]
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise SystemExit(f"{wanted} is {found}, not {package.integrity}.")
    with tarfile.open(archive) as opened:
        opened.extractall(scratch, filter="data")
    return scratch / "package"


def _bring(source: Path, name: str) -> str:
    """Copies a file and returns its line for the checksums."""
    lines = [line for line in source.read_text().splitlines() if not line.startswith("//# sourceMappingURL")]
    text = "\n".join(lines) + "\n"
    for package, file in IMPORTS.items():
        text = text.replace(package, file)
    (FOLDER / name).write_text(text)
    return f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n"


def _check() -> int:
    wrong = []
    for line in CHECKSUMS.read_text().splitlines():
        checksum, name = line.split()
        if hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() != checksum:
            wrong.append(name)
    if wrong:
        print(f"Not as they came: {', '.join(wrong)}; `python tools/vendor.py` brings them anew.", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
