"""Push subscriptions, made through the API by browsers that can decrypt."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import http_ece
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.base64url import to_base64url
from tests.support.people import Person

SUBSCRIPTION = """id sessionId service createdAt isCurrent preferences { kind audience }"""
SUBSCRIBE = f"""mutation($input: SubscribeToPushInput!) {{ subscribeToPush(input: $input) {{
  pushSubscription {{ {SUBSCRIPTION} }} userErrors {{ code field message }} }} }}"""
PREFER = f"""mutation($input: SetPushPreferencesInput!) {{ setPushPreferences(input: $input) {{
  pushSubscription {{ {SUBSCRIPTION} }} userErrors {{ code field message }} }} }}"""
UNSUBSCRIBE = "mutation($id: ID) { unsubscribeFromPush(id: $id) { deletedId userErrors { code field } } }"
SUBSCRIPTIONS = f"{{ viewer {{ pushSubscriptions {{ {SUBSCRIPTION} }} }} }}"
SERVER_KEY = "{ pushServerKey }"


@dataclass(frozen=True, slots=True)
class Browser:
    """Keys that a browser keeps of its subscription."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": to_base64url(point), "auth": to_base64url(self.auth)}

    def decrypt(self, body: bytes) -> dict[str, Any]:
        """The message of a push, as RFC 8291 says."""
        plain = http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        message: dict[str, Any] = msgspec.json.decode(plain)
        return message


async def subscribed(
    person: Person, endpoint: str = "https://push.example.net/1", browser: Browser | None = None, **more: Any
) -> dict[str, Any]:
    """The subscription of the person's session."""
    keys = (browser or Browser()).keys
    made: dict[str, Any] = (await person.act(SUBSCRIBE, input={"endpoint": endpoint, **keys, **more}))[
        "pushSubscription"
    ]
    return made


def preference(kind: str, audience: str) -> dict[str, str]:
    return {"kind": kind, "audience": audience}
