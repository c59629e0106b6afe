"""`make pin-images`: asks the registries for the digests of the images of docker/, and writes them to docker/.env.

Compose and the Dockerfile take an image by digest alone, so nothing starts before this ran; run again it takes what the
tags name by then. Needs docker with buildx, and no package: a machine that only runs containers has none.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

DOCKER = Path(__file__).resolve().parent.parent / "docker"
_IMAGE = re.compile(r"(?P<image>[\w./-]+:[\w.-]+)@\$\{?(?P<name>\w+_DIGEST)\b")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SECONDS = 60


def images() -> dict[str, str]:
    """Images of docker/ by the names of their variables."""
    texts = [path.read_text() for path in sorted([*DOCKER.glob("*.yaml"), DOCKER / "Dockerfile"])]
    return {found["name"]: found["image"] for text in texts for found in _IMAGE.finditer(text)}


def digest_of(image: str) -> str:
    """Raises LookupError with the answer where that is no digest."""
    command = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LookupError(f"{image}: {error}") from error
    digest = done.stdout.strip()
    if done.returncode != 0 or not _DIGEST.fullmatch(digest):
        raise LookupError(f"{image}: {(done.stderr or done.stdout).strip()}")
    return digest


def write(path: Path, digests: Mapping[str, str]) -> None:
    """Replaces the lines of these names, and keeps all others."""
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if line.partition("=")[0] not in digests]
    text = "".join(f"{line}\n" for line in [*kept, *[f"{name}={digest}" for name, digest in digests.items()]])
    beside = path.with_name(f"{path.name}.new")
    beside.touch(mode=0o600)
    beside.write_text(text)
    beside.replace(path)


def main() -> int:
    """0, or 1 where an image has no digest: then nothing is written."""
    digests, failures = dict[str, str](), list[str]()
    for name, image in images().items():
        try:
            digests[name] = digest_of(image)
            print(f"{image}@{digests[name]}")
        except LookupError as error:
            failures.append(str(error))
    if failures:
        print(*failures, "Nothing was written.", sep="\n", file=sys.stderr)
        return 1
    write(DOCKER / ".env", digests)
    return 0


if __name__ == "__main__":
    sys.exit(main())
