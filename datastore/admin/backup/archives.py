"""Files of documents: concatenated BSON, compressed by gzip, with the names that mongodump gives them.

`mongorestore --gzip` and `bsondump` read them.
"""

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bson import json_util
from bson.raw_bson import RawBSONDocument

from datastore.admin.backup.manifest import BackupError

# Nearly as small as by the default of 9, in a third of the time.
_LEVEL: Final = 4
_LENGTH_BYTES: Final = 4
_AT_ONCE_BYTES: Final = 1 << 20
MOST_AT_ONCE: Final = 1_000


class ArchiveWriter:
    """Writes a new file; raises FileExistsError where there is one. `documents` counts."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("xb")
        # Equal documents make equal files: the header has neither name nor time.
        self._archive = gzip.GzipFile(filename="", fileobj=self._file, mode="wb", compresslevel=_LEVEL, mtime=0)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self.documents = 0

    async def add(self, document: RawBSONDocument) -> None:
        self._waiting.append(bytes(document.raw))
        self._waiting_bytes += len(document.raw)
        self.documents += 1
        if self._waiting_bytes >= _AT_ONCE_BYTES:
            await self._write()

    async def close(self) -> None:
        await self._write()
        await asyncio.to_thread(self._archive.close)
        self._file.flush()
        self._file.close()

    def abandon(self) -> None:
        """Closes the file as it is, after an error."""
        with suppress(OSError):
            self._file.close()

    async def _write(self) -> None:
        batch = b"".join(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        await asyncio.to_thread(self._archive.write, batch)


def read_documents(path: Path) -> Iterator[list[RawBSONDocument]]:
    """Lists of up to MOST_AT_ONCE documents in the order of the file. Raises BackupError where it is cut or broken."""
    try:
        with gzip.open(path, "rb") as archive:
            documents = _documents(archive, path)
            while batch := list(islice(documents, MOST_AT_ONCE)):
                yield batch
    except (EOFError, gzip.BadGzipFile) as error:
        raise BackupError(f"{path} is broken: {error}") from error


def write_metadata(path: Path, collection: str, options: dict[str, Any], indexes: list[dict[str, Any]]) -> None:
    """Options and indexes of a collection, as mongodump tells them."""
    content = {"options": options, "indexes": indexes, "collectionName": collection, "type": "collection"}
    with gzip.open(path, "wb") as file:
        file.write(json_util.dumps(content, json_options=json_util.CANONICAL_JSON_OPTIONS).encode())


def read_metadata(path: Path) -> dict[str, Any]:
    with gzip.open(path, "rb") as file:
        found: dict[str, Any] = json_util.loads(file.read().decode())
    return found


def _documents(archive: gzip.GzipFile, path: Path) -> Iterator[RawBSONDocument]:
    while head := archive.read(_LENGTH_BYTES):
        size = int.from_bytes(head, "little")
        document = head + archive.read(size - _LENGTH_BYTES)
        if len(document) != size:
            raise BackupError(f"{path} is cut off in the midst of a document.")
        yield RawBSONDocument(document)
