"""Pictures: a target from the server, the bytes with progress, and the variants once they are made."""

import hashlib
from collections.abc import AsyncIterator, Callable
from urllib.parse import urljoin

import httpx

from rookery_client.acts import Ask
from rookery_client.errors import RookeryError, done
from rookery_client.generated import (
    CREATE_UPLOAD,
    MEDIA_BY_ID,
    CreateUploadVariables,
    Media,
    MediaByIdVariables,
    MediaState,
    UploadInput,
    UploadTarget,
)
from rookery_client.transport.waiting import Backoff

_PIECE = 65_536
_REFUSED = 400


class Uploads:
    def __init__(self, ask: Ask, client: httpx.AsyncClient, url: str) -> None:
        self._ask, self._client, self._url = ask, client, url

    async def upload(
        self, picture: bytes, content_type: str, *, alt_text: str | None, on_progress: Callable[[float], None]
    ) -> str:
        digest = hashlib.sha256(picture).hexdigest()
        wanted = UploadInput(content_type=content_type, byte_length=len(picture), sha256=digest, alt_text=alt_text)
        payload = done((await self._ask(CREATE_UPLOAD, CreateUploadVariables(wanted))).create_upload)
        if payload.media is None or payload.upload is None:
            raise RookeryError("INTERNAL", "the server named no target")
        await self._send(payload.upload, picture, on_progress)
        return payload.media.id

    async def ready(self, media_id: str) -> Media:
        backoff = Backoff()
        while True:
            media = (await self._ask(MEDIA_BY_ID, MediaByIdVariables(media_id))).node
            if media is None:
                raise RookeryError("NOT_FOUND", "the picture is gone")
            if media.state is MediaState.FAILED:
                raise RookeryError("BAD_USER_INPUT", media.failure or "no picture")
            if media.state is MediaState.READY:
                return media
            await backoff.wait()

    async def _send(self, target: UploadTarget, picture: bytes, on_progress: Callable[[float], None]) -> None:
        headers = {header.name: header.value for header in target.headers} | {"content-length": str(len(picture))}
        content = _pieces(picture, on_progress)
        try:
            address = urljoin(self._url, target.url)
            reply = await self._client.request(target.method, address, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise RookeryError("NETWORK", str(error) or type(error).__name__) from error
        if reply.status_code >= _REFUSED:
            raise RookeryError("BAD_USER_INPUT", f"the picture was refused: {reply.status_code}")


async def _pieces(picture: bytes, on_progress: Callable[[float], None]) -> AsyncIterator[bytes]:
    for start in range(0, len(picture), _PIECE):
        yield picture[start : start + _PIECE]
        on_progress(min(1.0, (start + _PIECE) / len(picture)))
