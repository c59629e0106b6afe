"""Secrets of scoped tokens: a prefix that scanners of secrets find, the token's id, and 32 random bytes.

Only a hash is stored. It needs no salt and no slow function: nobody guesses 256 bits.
"""

import hmac
import re
import secrets
from hashlib import sha256
from typing import NamedTuple

from core.base64url import to_base64url
from core.ids import MAX_ID, AccessTokenId

PREFIX = "rookery_"
_SECRET_BYTES = 32
_SECRET = re.compile(rf"{PREFIX}([1-9][0-9]{{0,18}})_([A-Za-z0-9_-]{{43}})", re.ASCII)


class PresentedSecret(NamedTuple):
    token_id: AccessTokenId
    digest: bytes

    def fits(self, stored: bytes) -> bool:
        return hmac.compare_digest(self.digest, stored)


def new_secret(token_id: AccessTokenId) -> tuple[str, bytes]:
    """The secret, to be shown once, and the hash to store."""
    secret = f"{PREFIX}{token_id}_{to_base64url(secrets.token_bytes(_SECRET_BYTES))}"
    return secret, _digest(secret)


def read_secret(text: str) -> PresentedSecret | None:
    """None for what is no secret of a scoped token."""
    match = _SECRET.fullmatch(text)
    if match is None or int(match[1]) > MAX_ID:
        return None
    return PresentedSecret(AccessTokenId(int(match[1])), _digest(text))


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
