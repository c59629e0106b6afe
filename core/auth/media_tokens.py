"""Signed addresses of pictures: for the one upload of a picture, and for reading one that is not everybody's."""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from core.auth.tokens import utc_now
from core.base64url import to_base64url
from core.ids import MAX_ID, MediaId

UPLOAD_LIFETIME: Final = timedelta(minutes=10)
READ_LIFETIME: Final = timedelta(minutes=15)
# Addresses of the same minutes are equal, so that browsers keep what they have.
_ROUNDED_SECONDS: Final = 300
_SIGNATURE_BYTES: Final = 18


class UploadTokens:
    """Signs and checks tokens of uploads. The first of `keys` signs, all are accepted."""

    def __init__(self, keys: Sequence[bytes], now: Callable[[], datetime] = utc_now) -> None:
        self._signer, self._now = _Signer(keys, b"rookery uploads"), now

    def issue(self, media_id: MediaId) -> tuple[str, datetime]:
        """The token and the instant at which it expires."""
        expires_at = (self._now() + UPLOAD_LIFETIME).replace(microsecond=0)
        claims = f"{media_id}.{int(expires_at.timestamp())}"
        return f"{claims}.{self._signer.sign(claims)}", expires_at

    def check(self, token: str) -> MediaId | None:
        """None for a token that this server never issued, or that ran out."""
        claims, _, signature = token.rpartition(".")
        if not self._signer.is_signed(claims, signature):
            return None
        media_id, until = map(int, claims.split("."))
        return MediaId(media_id) if until > self._now().timestamp() else None


class MediaSignatures:
    """Signs and checks what follows the ? of a picture's address: `until`, in Unix seconds, and `signature`."""

    def __init__(self, keys: Sequence[bytes], now: Callable[[], datetime] = utc_now) -> None:
        self._signer, self._now = _Signer(keys, b"rookery reads"), now

    def sign(self, path: str) -> str:
        """The query of the path; it serves for 10 to 15 minutes."""
        now = int(self._now().timestamp())
        until = (now + int(READ_LIFETIME.total_seconds())) // _ROUNDED_SECONDS * _ROUNDED_SECONDS
        return f"until={until}&signature={self._signer.sign(f'{path}?{until}')}"

    def is_valid(self, path: str, until: str, signature: str) -> bool:
        if not (until.isascii() and until.isdecimal()) or int(until) > MAX_ID:
            return False
        return self._signer.is_signed(f"{path}?{until}", signature) and int(until) > self._now().timestamp()


class _Signer:
    def __init__(self, keys: Sequence[bytes], purpose: bytes) -> None:
        self._keys = [blake2b(key, digest_size=32, person=purpose).digest() for key in keys]

    def sign(self, text: str) -> str:
        return _signature(self._keys[0], text)

    def is_signed(self, text: str, signature: str) -> bool:
        if not (text.isascii() and signature.isascii()):
            return False
        return any(hmac.compare_digest(signature, _signature(key, text)) for key in self._keys)


def _signature(key: bytes, text: str) -> str:
    return to_base64url(blake2b(text.encode(), digest_size=_SIGNATURE_BYTES, key=key).digest())
