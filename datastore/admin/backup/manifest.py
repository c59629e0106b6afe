"""The manifest of a backup: its runs, the files of each with their checksums, and the time that each shows.

It is written last, and as a whole: a folder without it holds no backup, and what it does not name does not count.
"""

import gzip
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from bson import Timestamp

from datastore.admin.errors import CommandError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
UNFINISHED: Final = "unfinished"
PICTURES: Final = "pictures"
_CHUNK: Final = 1 << 20


class BackupError(CommandError):
    """A backup that cannot be made, or not be used; the text says what is wrong, and what to do."""


class FileSum(msgspec.Struct, frozen=True):
    """Size and checksum of a file as it lies there, compressed."""

    byte_length: int
    sha256: str


class Layer(msgspec.Struct, frozen=True):
    """Collections as files of a folder. `is_whole`: each document, else those that changed since the layer before.

    `files`: by their path in the backup. `documents`: the number in each collection.
    """

    folder: str
    is_whole: bool
    files: dict[str, FileSum]
    documents: dict[str, int]


class Pictures(msgspec.Struct, frozen=True):
    """`listing`: the path of the list of all pictures. `is_copied`: their files lie in the backup, too."""

    listing: str
    sum: FileSum
    count: int
    byte_length: int
    is_copied: bool
    url: str


class Run(msgspec.Struct, frozen=True):
    """One run of the command. Its layers on top of those before show the database at `stamp`, a cluster time."""

    begun_at: str
    stamp_seconds: int
    stamp_increment: int
    layers: list[Layer]
    pictures: Pictures

    @property
    def stamp(self) -> Timestamp:
        return Timestamp(self.stamp_seconds, self.stamp_increment)


class Manifest(msgspec.Struct, frozen=True):
    """`chain` names this backup in the database that it comes from; `database` is that database's name."""

    chain: str
    database: str
    runs: list[Run]
    format: int = FORMAT


class PictureLine(msgspec.Struct, frozen=True):
    """A picture in the listing; no checksum where the backup only refers to it."""

    key: str
    size: int
    sha256: str = ""


class _Sealed(msgspec.Struct):
    manifest: msgspec.Raw
    sha256: str


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replaces the manifest at once, whatever happens meanwhile."""
    content = msgspec.to_builtins(manifest)
    text = msgspec.json.format(msgspec.json.encode({"manifest": content, "sha256": _seal(content)}))
    unready = folder / f"{MANIFEST}.new"
    with unready.open("wb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unready.replace(folder / MANIFEST)
    sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupError where there is none, or a broken one. Looks at no other file."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise BackupError(f"{folder}: there is no such folder.")
    if not path.exists():
        if (folder / UNFINISHED).exists():
            raise BackupError(f"{folder} is half-written: the backup into it did not end. It can't be restored.")
        raise BackupError(f"{folder} is no backup: it has no {MANIFEST}.")
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
        content: dict[str, Any] = msgspec.json.decode(sealed.manifest)
        if content.get("format") != FORMAT:
            raise BackupError(f"{path} has format {content.get('format')}; this program reads format {FORMAT}.")
        if sealed.sha256 != _seal(content):
            raise BackupError(f"{path} was changed: its checksum is wrong.")
        return msgspec.convert(content, Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, AttributeError) as error:
        raise BackupError(f"{path} is broken: {error}") from error


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Reads every file of the backup. Raises BackupError that names each one that is missing or differs."""
    wrong = [line for run in manifest.runs for line in _wrong_files(folder, run)]
    if not wrong:
        wrong = list(_wrong_pictures(folder, manifest.runs[-1].pictures))
    if wrong:
        shown = "\n".join(f"  {line}" for line in wrong[:20])
        raise BackupError(f"{folder} is broken, {len(wrong)} files of it. Nothing was restored.\n{shown}")


def sum_of(path: Path) -> FileSum:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileSum(size, digest.hexdigest())


def picture_lines(folder: Path, pictures: Pictures) -> Iterator[PictureLine]:
    with gzip.open(folder / pictures.listing, "rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=PictureLine)


def sync_folder(folder: Path) -> None:
    """Makes the names of new files outlive a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _seal(content: object) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _wrong_files(folder: Path, run: Run) -> Iterator[str]:
    sums = {name: one for layer in run.layers for name, one in layer.files.items()}
    for name, expected in (sums | {run.pictures.listing: run.pictures.sum}).items():
        if (fault := _fault(folder / name, expected)) is not None:
            yield f"{name}: {fault}"


def _wrong_pictures(folder: Path, pictures: Pictures) -> Iterator[str]:
    if not pictures.is_copied:
        return
    for line in picture_lines(folder, pictures):
        if (fault := _fault(folder / PICTURES / line.key, FileSum(line.size, line.sha256))) is not None:
            yield f"{PICTURES}/{line.key}: {fault}"


def _fault(path: Path, expected: FileSum) -> str | None:
    if not path.is_file():
        return "it is missing"
    if (size := path.stat().st_size) != expected.byte_length:
        return f"it has {size:,} bytes in the place of {expected.byte_length:,}"
    return None if sum_of(path) == expected else "its checksum is wrong"
