"""Files of pictures, in a folder or in S3, by one library. A file is whole or absent.

Keys: `incoming/ID` has the bytes of an upload, `ID/SECRET/SIZE.webp` a variant. Failure policy: UnavailableError.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from core.errors import UnavailableError
from core.ids import MediaId
from datastore.media.records import MediaRecord, MediaSize

if TYPE_CHECKING:
    from obstore.store import ObjectStore

INCOMING: Final = "incoming"
CONTENT_TYPE: Final = "image/webp"
_SECONDS: Final = 10.0


def incoming(media_id: MediaId) -> str:
    return f"{INCOMING}/{media_id}"


def variant(media: MediaRecord, size: MediaSize) -> str:
    return f"{media.id}/{media.secret}/{size}.webp"


class StoredFile(NamedTuple):
    """`size` in bytes."""

    key: str
    size: int
    modified: datetime


class MediaStorage:
    """Opened on first use, so that a process that serves no picture needs none."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def put(self, key: str, data: bytes) -> None:
        with _failures_as_unavailable():
            await asyncio.wait_for(obstore.put_async(self._store, key, data), _SECONDS)

    async def get(self, key: str) -> bytes | None:
        """None where there is no such file."""
        with _failures_as_unavailable():
            try:
                found = await asyncio.wait_for(obstore.get_async(self._store, key), _SECONDS)
                return bytes(await asyncio.wait_for(found.bytes_async(), _SECONDS))
            except FileNotFoundError:
                return None

    async def delete(self, *keys: str) -> None:
        """Files that are not there are no error."""
        for key in keys:
            with _failures_as_unavailable():
                try:
                    await asyncio.wait_for(obstore.delete_async(self._store, key), _SECONDS)
                except FileNotFoundError:
                    continue

    async def delete_of(self, media_id: MediaId) -> None:
        """Deletes the upload and every variant of a picture."""
        await self.delete(incoming(media_id), *[file.key async for file in self.files(str(media_id))])

    async def files(self, prefix: str | None = None) -> AsyncIterator[StoredFile]:
        """Files below the prefix, a folder."""
        with _failures_as_unavailable():
            async for found in obstore.list(self._store, prefix):
                for one in found:
                    yield StoredFile(one["path"], one["size"], one["last_modified"])

    async def signed_address(self, key: str, seconds: int) -> str | None:
        """An address at which S3 itself serves the file for so long; None for a folder."""
        if not isinstance(self._store, S3Store):
            return None
        with _failures_as_unavailable():
            return await obstore.sign_async(self._store, "GET", key, timedelta(seconds=seconds))

    @cached_property
    def _store(self) -> "ObjectStore":
        parts = urlsplit(self._url)
        if parts.scheme == "file":
            return LocalStore(Path(unquote(parts.path)), mkdir=True)
        endpoint = parse_qs(parts.query).get("endpoint", [None])[0]
        return S3Store(
            parts.netloc,
            endpoint=endpoint,
            virtual_hosted_style_request=False,
            client_options={"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": "10s"},
        )


def variants(media: MediaRecord) -> Sequence[str]:
    return [variant(media, one.size) for one in media.variants]


@contextmanager
def _failures_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, TimeoutError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise UnavailableError("The storage of pictures") from error
