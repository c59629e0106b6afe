"""Tokens: access tokens (JWT, short-lived, checked without a store), and single-use refresh and impression tokens."""

import hmac
import struct
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import jwt

from core.base64url import to_base64url
from core.errors import UnauthenticatedError
from core.ids import CampaignId, SessionId, UserId

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=60)
IMPRESSION_LIFETIME = timedelta(hours=24)
_ALGORITHM = "HS256"
_KNOWN_AT_MOST = 4_096
_IMPRESSION = struct.Struct(">4q")
_LONGEST_IMPRESSION = 128
_SIGNATURE_BYTES = 24


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    user_id: UserId
    session_id: SessionId
    expires_at: datetime


class AccessTokens:
    """Signs and checks access tokens. The first of `keys` signs, all are accepted."""

    def __init__(self, keys: Sequence[bytes], now: Callable[[], datetime] = utc_now) -> None:
        self._keys, self._now = tuple(keys), now
        self._known = OrderedDict[str, AccessClaims]()

    def issue(self, user_id: UserId, session_id: SessionId, issued_at: datetime | None = None) -> tuple[str, datetime]:
        """The token and the instant at which it expires; equal for equal arguments. `issued_at` is now by default."""
        expires_at = ((issued_at or self._now()) + ACCESS_LIFETIME).replace(microsecond=0)
        claims = {"sub": str(user_id), "sid": str(session_id), "exp": expires_at}
        return jwt.encode(claims, self._keys[0], _ALGORITHM), expires_at

    def check(self, token: str) -> AccessClaims:
        """Raises UnauthenticatedError for a token that is malformed, foreign or expired."""
        claims = self._known.get(token) or self._verified(token)
        if claims is None or claims.expires_at <= self._now():
            raise UnauthenticatedError("The access token is not valid, or has run out.")
        return claims

    def _verified(self, token: str) -> AccessClaims | None:
        """Verified claims are remembered: the signature is checked on the first of many requests only."""
        for key in self._keys:
            if (claims := self._decoded(token, key)) is not None:
                self._known[token] = claims
                if len(self._known) > _KNOWN_AT_MOST:
                    self._known.popitem(last=False)
                return claims
        return None

    @staticmethod
    def _decoded(token: str, key: bytes) -> AccessClaims | None:
        options: jwt.types.Options = {"require": ["sub", "sid", "exp"], "verify_exp": False}
        try:
            claims = jwt.decode(token, key, [_ALGORITHM], options=options)
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
            return AccessClaims(UserId(int(claims["sub"])), SessionId(int(claims["sid"])), expires_at)
        except (jwt.InvalidTokenError, ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """`generation` counts the session's refresh tokens before this one."""

    session_id: SessionId
    generation: int


class RefreshTokens:
    """Signs and checks refresh tokens. No secret is stored: the generation shows whether a token was used."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [blake2b(key, digest_size=32, person=b"rookery refresh").digest() for key in keys]

    def issue(self, session_id: SessionId, generation: int) -> str:
        claims = f"{session_id}.{generation}"
        return f"{claims}.{_signature(self._keys[0], claims)}"

    def check(self, token: str) -> RefreshClaims | None:
        """None for a token that this server never issued."""
        claims, _, signature = token.rpartition(".")
        if not token.isascii() or not any(
            hmac.compare_digest(signature, _signature(key, claims)) for key in self._keys
        ):
            return None
        session_id, generation = claims.split(".")
        return RefreshClaims(SessionId(int(session_id)), int(generation))


@dataclass(frozen=True, slots=True)
class ImpressionClaims:
    """One advertisement of one page, given to one viewer; `slot` is a random number that makes it unique."""

    campaign_id: CampaignId
    viewer_id: UserId
    slot: int


class ImpressionTokens:
    """Signs and checks impression tokens. Only the database knows which were used."""

    def __init__(self, keys: Sequence[bytes], now: Callable[[], datetime] = utc_now) -> None:
        made = [blake2b(key, digest_size=32, person=b"rookery adverts").digest() for key in keys]
        self._signers = [blake2b(digest_size=_SIGNATURE_BYTES, key=key) for key in made]
        self._now = now

    def issue(self, claims: ImpressionClaims) -> str:
        given_ms = int(self._now().timestamp() * 1000)
        packed = to_base64url(_IMPRESSION.pack(claims.campaign_id, claims.viewer_id, claims.slot, given_ms))
        return f"{packed}.{_signed(self._signers[0], packed)}"

    def check(self, token: str) -> ImpressionClaims | None:
        """None for a token that this server never issued, or that expired."""
        packed, _, signature = token.rpartition(".")
        if not token.isascii() or len(token) > _LONGEST_IMPRESSION:
            return None
        if not any(hmac.compare_digest(signature, _signed(signer, packed)) for signer in self._signers):
            return None
        campaign_id, viewer_id, slot, given_ms = _IMPRESSION.unpack(urlsafe_b64decode(packed + "="))
        if self._now() - datetime.fromtimestamp(given_ms / 1000, UTC) > IMPRESSION_LIFETIME:
            return None
        return ImpressionClaims(CampaignId(campaign_id), UserId(viewer_id), slot)


def _signature(key: bytes, claims: str) -> str:
    return _signed(blake2b(digest_size=_SIGNATURE_BYTES, key=key), claims)


def _signed(signer: blake2b, claims: str) -> str:
    """The signer holds the key already, and is copied so that it can be used again."""
    signing = signer.copy()
    signing.update(claims.encode())
    return to_base64url(signing.digest())
