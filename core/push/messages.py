"""Encrypted messages of Web Push (RFC 8291), and the token by which the server says who it is (VAPID, RFC 8292)."""

from datetime import timedelta
from typing import Final

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from core.auth.tokens import utc_now
from core.push.keys import VapidKeys

MOST_BYTES: Final = 3_993
"""Bytes that fit one record of 4,096 bytes; push services refuse a second one."""
TOKEN_LIFETIME: Final = timedelta(hours=12)
"""RFC 8292 allows 24 hours."""


def encrypted(plain: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """The body for `Content-Encoding: aes128gcm`, with a key pair of its own. `plain` has MOST_BYTES at most."""
    if len(plain) > MOST_BYTES:
        raise ValueError(f"{len(plain)} bytes are no single record")
    once = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(plain, private_key=once, dh=p256dh, auth_secret=auth, version="aes128gcm")
    return body


def authorization(keys: VapidKeys, audience: str, subject: str) -> str:
    """The Authorization header for a push service. `audience` is its origin; `subject` an address of the operator."""
    claims = {"aud": audience, "sub": subject, "exp": utc_now() + TOKEN_LIFETIME}
    return f"vapid t={jwt.encode(claims, keys.private, algorithm='ES256')}, k={keys.public_text}"
