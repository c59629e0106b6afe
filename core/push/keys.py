"""Keys of Web Push: the pair by which an installation signs (VAPID, RFC 8292), and those of a browser (RFC 8291)."""

from base64 import urlsafe_b64decode
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.base64url import to_base64url

_PRIVATE_BYTES: Final = 32
_POINT_BYTES, _AUTH_BYTES = 65, 16
_CURVE = ec.SECP256R1()


class VapidKeys:
    """The pair of the installation."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self.private = private
        self.public_text = to_base64url(_point(private.public_key()))
        """Uncompressed point as base64url without padding: the applicationServerKey of browsers."""

    @property
    def private_text(self) -> str:
        """The private number, 32 bytes, as base64url without padding; `parse_vapid_keys` reads it."""
        number = self.private.private_numbers().private_value
        return to_base64url(number.to_bytes(_PRIVATE_BYTES))


class BrowserKeys(NamedTuple):
    """The public point of a browser's subscription, 65 bytes, and its secret, 16 bytes."""

    p256dh: bytes
    auth: bytes


def new_vapid_keys() -> VapidKeys:
    return VapidKeys(ec.generate_private_key(_CURVE))


def parse_vapid_keys(private_text: str) -> VapidKeys:
    """Raises ValueError unless it is the private number of a pair, 32 bytes in base64url."""
    raw = _decoded(private_text)
    if len(raw) != _PRIVATE_BYTES:
        raise ValueError(f"must be {_PRIVATE_BYTES} bytes in base64url")
    try:
        return VapidKeys(ec.derive_private_key(int.from_bytes(raw), _CURVE))
    except ValueError:
        raise ValueError("is no private key of the curve P-256") from None


def parse_browser_keys(p256dh: str, auth: str) -> tuple[bytes | None, bytes | None]:
    """Each None where it is no base64url of such a key: a point of the curve P-256, and 16 bytes."""
    return _parsed_point(p256dh), _parsed_secret(auth)


def _parsed_point(text: str) -> bytes | None:
    try:
        raw = _decoded(text)
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)
    except ValueError:
        return None
    return raw if len(raw) == _POINT_BYTES else None


def _parsed_secret(text: str) -> bytes | None:
    try:
        raw = _decoded(text)
    except ValueError:
        return None
    return raw if len(raw) == _AUTH_BYTES else None


def _decoded(text: str) -> bytes:
    """Padding may be left out. Raises ValueError for other characters."""
    bare = text.strip().rstrip("=")
    if len(bare) > 2 * _POINT_BYTES or not bare.isascii() or not bare.replace("-", "").replace("_", "").isalnum():
        raise ValueError("must be base64url")
    if len(bare) % 4 == 1:
        raise ValueError("must be base64url")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
