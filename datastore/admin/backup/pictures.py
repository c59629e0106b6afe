"""Pictures of a backup: a listing of all files of the storage, and their copies unless the backup only refers to them.

The key of a file holds a secret of its own, and its content never changes: it is copied once.
"""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from datastore.admin.backup.manifest import (
    PICTURES,
    BackupError,
    Manifest,
    PictureLine,
    Pictures,
    picture_lines,
    sum_of,
)
from datastore.media.storage import MediaStorage, StoredFile

_AT_ONCE: Final = 8
_SHOWN: Final = 3
Advance = Callable[[int], object]


class PictureCopies:
    """Copies files into the folder of a backup. Each pass copies what the storage has and the backup has not."""

    def __init__(self, storage: MediaStorage, folder: Path, before: Iterable[PictureLine]) -> None:
        self._storage, self._folder = storage, folder / PICTURES
        self._lines = {line.key: line for line in before}
        self.listed = set[str]()

    async def copy_new(self, advance: Advance) -> None:
        """A file that is deleted before its turn is left out: its picture goes from the database, too."""
        async for files in _batches(self._storage):
            self.listed.update(file.key for file in files)
            new = [file for file in files if not self._is_known(file)]
            await asyncio.gather(*[self._copy(file.key) for file in new])
            advance(len(new))

    def lines(self) -> list[PictureLine]:
        """The files that any pass has seen."""
        return [self._lines[key] for key in sorted(self.listed) if key in self._lines]

    def _is_known(self, file: StoredFile) -> bool:
        line = self._lines.get(file.key)
        return line is not None and line.size == file.size and (self._folder / file.key).exists()

    async def _copy(self, key: str) -> None:
        data = await self._storage.get(key)
        if data is not None:
            await asyncio.to_thread(_write, self._folder / key, data)
            self._lines[key] = PictureLine(key, len(data), hashlib.sha256(data).hexdigest())


async def list_pictures(storage: MediaStorage) -> list[PictureLine]:
    """All files of the storage, without checksums."""
    return sorted([PictureLine(file.key, file.size) async for file in storage.files()], key=lambda line: line.key)


def write_listing(folder: Path, name: str, lines: Sequence[PictureLine], *, is_copied: bool, url: str) -> Pictures:
    encoder = msgspec.json.Encoder()
    with (folder / name).open("xb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.writelines(encoder.encode(line) + b"\n" for line in lines)
    size = sum(line.size for line in lines)
    return Pictures(name, sum_of(folder / name), len(lines), size, is_copied=is_copied, url=url)


async def ensure_restorable(storage: MediaStorage, folder: Path, manifest: Manifest) -> None:
    """Raises BackupError where the storage has other files under keys of the backup, or lacks those it refers to."""
    pictures, present = manifest.runs[-1].pictures, {file.key: file.size async for file in storage.files()}
    lines = list(picture_lines(folder, pictures))
    others = [line.key for line in lines if present.get(line.key, line.size) != line.size]
    if others:
        raise BackupError(
            f"The storage of pictures has other files of the same names, {len(others)} of them: {_few(others)}."
            " `restore` goes into an empty one, or into that of the backup. Nothing was restored."
        )
    missing = [] if pictures.is_copied else [line.key for line in lines if line.key not in present]
    if missing:
        raise BackupError(
            f"The backup only refers to its pictures, and the storage lacks {len(missing)} of them: {_few(missing)}."
            f" They were in {pictures.url}. Nothing was restored."
        )


async def restore_pictures(storage: MediaStorage, folder: Path, pictures: Pictures, advance: Advance) -> int:
    """Returns how many files were missing in the storage, and were put there."""
    if not pictures.is_copied:
        return 0
    present = {file.key: file.size async for file in storage.files()}
    missing = (line.key for line in picture_lines(folder, pictures) if present.get(line.key) != line.size)
    put = 0
    while batch := list(islice(missing, _AT_ONCE)):
        await asyncio.gather(*[_put(storage, folder / PICTURES / key, key) for key in batch])
        put += len(batch)
        advance(len(batch))
    return put


async def _put(storage: MediaStorage, path: Path, key: str) -> None:
    await storage.put(key, await asyncio.to_thread(path.read_bytes))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unready = path.with_name(f"{path.name}.new")
    unready.write_bytes(data)
    unready.replace(path)


async def _batches(storage: MediaStorage) -> AsyncIterator[list[StoredFile]]:
    batch: list[StoredFile] = []
    async for file in storage.files():
        batch.append(file)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:_SHOWN]) + (" ..." if len(keys) > _SHOWN else "")
