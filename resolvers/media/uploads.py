"""Uploads: createUpload gives a target, which takes the announced bytes once; describeMedia."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from core.auth.media_tokens import UploadTokens
from core.errors import RefusalError, UserErrorCode
from core.ids import MediaId
from core.text.text import TextError, clean_alt_text
from datastore.jobs.jobs import ProcessMedia
from datastore.media.records import MediaRecord, MediaState
from datastore.media.storage import incoming
from datastore.media.stores import MediaStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.media.pictures import Picture, pictures_of
from resolvers.services import Services

KINDS: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")
MOST_UNUSED: Final = 40
"""Pictures of one person that are not shown anywhere; more are refused until some are used, or a day has passed."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SECRET_BYTES: Final = 16


class UploadRefusedError(Exception):
    """The target does not take these bytes; `message` is safe to show."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Upload:
    """An announced upload; `sha256` in hex."""

    content_type: str
    byte_length: int
    sha256: str
    alt_text: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where the bytes of an upload go, by one PUT with these headers."""

    path: str
    headers: Mapping[str, str]
    expires_at: datetime


async def create_upload(services: Services, identity: Identity, upload: Upload) -> tuple[MediaRecord, Target]:
    """Raises RefusalError with every invalid field."""
    errors = InputErrors()
    if upload.content_type not in KINDS:
        errors.add("contentType", UserErrorCode.INVALID, f"Pictures are {', '.join(KINDS)}.")
    if upload.byte_length < 1:
        errors.add("byteLength", UserErrorCode.INVALID, "A picture has one byte at least.")
    if upload.byte_length > services.media_limit:
        errors.add("byteLength", UserErrorCode.TOO_LONG, f"A picture has {services.media_limit:,} bytes at most.")
    if not _SHA256.fullmatch(upload.sha256.lower()):
        errors.add("sha256", UserErrorCode.INVALID, "The SHA-256 of the bytes is 64 hexadecimal digits.")
    alt_text = errors.clean("altText", clean_alt_text, upload.alt_text) if upload.alt_text is not None else None
    errors.raise_if_any()
    items = services.stores.media.items
    if await items.count_unused(identity.user_id) >= MOST_UNUSED:
        raise RefusalError.of(
            UserErrorCode.CONFLICT, f"{MOST_UNUSED} pictures wait to be used: post or abandon some first.", "input"
        )
    media = MediaRecord(
        MediaId(services.stores.ids()),
        identity.user_id,
        MediaState.WAITING,
        upload.content_type,
        upload.byte_length,
        upload.sha256.lower(),
        secrets.token_urlsafe(_SECRET_BYTES),
        alt_text or None,
    )
    await items.insert(media)
    return media, _target(services.upload_tokens, media)


async def receive(services: Services, token: str, content_type: str, body: bytes) -> None:
    """Takes the bytes of an upload. Raises UploadRefusedError."""
    media_id = services.upload_tokens.check(token)
    media = None if media_id is None else await services.stores.media.items.get(media_id)
    if media is None:
        raise UploadRefusedError(HTTPStatus.FORBIDDEN, "This target was not given, or it ran out.")
    if media.state is not MediaState.WAITING:
        raise UploadRefusedError(HTTPStatus.CONFLICT, "These bytes have arrived before.")
    if content_type != media.content_type:
        raise UploadRefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the picture as {media.content_type}.")
    if len(body) != media.byte_length:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, f"{media.byte_length} bytes were announced, not {len(body)}.")
    if hashlib.sha256(body).hexdigest() != media.sha256:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, "These are not the bytes that were announced.")
    await services.stores.media.storage.put(incoming(media.id), body)
    job = ProcessMedia(services.stores.ids(), media.id)
    if not await services.stores.media.items.arrived(job):
        await _take_back(services.stores.media, media.id)
        raise UploadRefusedError(HTTPStatus.CONFLICT, "These bytes have arrived before.")
    await try_enqueue(services.stores, job)


async def _take_back(media_stores: MediaStores, media_id: MediaId) -> None:
    """Deletes bytes that came beside others, or after the picture was removed: no worker would."""
    media = await media_stores.items.get(media_id)
    if media is None or media.state in (MediaState.READY, MediaState.FAILED):
        await media_stores.storage.delete(incoming(media_id))


async def describe_media(services: Services, identity: Identity, media_id: MediaId, alt_text: str) -> Picture:
    """An empty text takes the description away. Raises RefusalError."""
    try:
        text = clean_alt_text(alt_text)
    except TextError as error:
        raise RefusalError.of(UserErrorCode(error.code), error.message, "altText") from None
    picture = None
    if await services.stores.media.items.describe(media_id, identity.user_id, text or None):
        (picture,) = await pictures_of(services, [media_id])
    if picture is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such picture.", "id")
    return picture


def _target(upload_tokens: UploadTokens, media: MediaRecord) -> Target:
    token, expires_at = upload_tokens.issue(media.id)
    headers = {"Content-Type": media.content_type, "Content-Length": str(media.byte_length)}
    return Target(f"/media/uploads/{token}", headers, expires_at)
