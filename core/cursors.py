"""Opaque cursors: a place in a list, signed for its field. A forged cursor, or one of another field, is refused."""

import hmac
import struct
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b

from core.base64url import to_base64url
from core.errors import BadCursorError

_SIGNATURE_BYTES = 9
_LONGEST = 512
_KNOWN = 8_192


class CursorCodec:
    """Encodes and decodes cursors of 63-bit integers.

    The first of `keys` signs, all are accepted. The signature covers the field's name, so that a cursor is valid for
    the field that issued it only.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [blake2b(key, digest_size=32, person=b"rookery cursor").digest() for key in keys]
        self._begun: dict[tuple[bytes, str], blake2b] = {}
        self._encoded: Callable[..., str] = lru_cache(maxsize=_KNOWN)(self._encode)

    def encode(self, field: str, *place: int) -> str:
        return self._encoded(field, *place)

    def _encode(self, field: str, *place: int) -> str:
        payload = struct.pack(f">{len(place)}q", *place)
        return to_base64url(payload + self._sign(self._keys[0], field, payload))

    def decode(self, field: str, cursor: str, *lengths: int) -> tuple[int, ...]:
        """The numbers of the place; their count is one of `lengths`. Raises BadCursorError for a foreign cursor."""
        raw = self._unpack(cursor)
        payload, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        signed = any(hmac.compare_digest(signature, self._sign(key, field, payload)) for key in self._keys)
        length, rest = divmod(len(payload), 8)
        if not signed or rest or length not in lengths:
            raise BadCursorError(cursor)
        return struct.unpack(f">{length}q", payload)

    @staticmethod
    def _unpack(cursor: str) -> bytes:
        if len(cursor) > _LONGEST:
            raise BadCursorError(cursor)
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise BadCursorError(cursor) from None
        if to_base64url(raw) != cursor:  # decoding is lenient: stray characters, bits beyond the end
            raise BadCursorError(cursor)
        return raw

    def _sign(self, key: bytes, field: str, payload: bytes) -> bytes:
        """Key and field, of which there are few, are hashed once; a page of cursors copies that state."""
        begun = self._begun.get((key, field))
        if begun is None:
            begun = blake2b(digest_size=_SIGNATURE_BYTES, key=key, salt=_salt(field))
            self._begun[key, field] = begun
        signing = begun.copy()
        signing.update(payload)
        return signing.digest()


def _salt(field: str) -> bytes:
    return blake2b(field.encode(), digest_size=16).digest()
