"""Forms of the values of settings: each is a type that reads a text of the environment, and says what is allowed."""

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from core.limits import Limit, parse_limit
from core.network.redis_cluster_url import is_cluster_url, parse_cluster_url
from core.network.smtp_url import OFF, parse_smtp_url
from core.push.keys import parse_vapid_keys

SHORTEST_SECRET_BYTES = 32
_MEDIA_URL = re.compile(r"file:///[^?#]+|s3://[^/?#]+(\?endpoint=https?://[^&#]+)?")
_ORIGIN = re.compile(r"\*|https?://[^\s/?#@]+")
_SENDER = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+/?")


def _mongo_url(url: str) -> str:
    return _checked_scheme(url, ("mongodb", "mongodb+srv"))


def _redis_url(url: str) -> str:
    if is_cluster_url(url):
        parse_cluster_url(url)
        return url
    return _checked_scheme(url, ("redis", "rediss", "redis+cluster"))


def _checked_scheme(url: str, allowed: tuple[str, ...]) -> str:
    if not any(re.match(rf"{re.escape(scheme)}://[^/?#]", url) for scheme in allowed):
        raise ValueError("must be " + " or ".join(f"{scheme}://HOST" for scheme in allowed))
    return url


def _folder_or_bucket(url: str) -> str:
    if not _MEDIA_URL.fullmatch(url):
        raise ValueError("must be file:///FOLDER or s3://BUCKET?endpoint=URL")
    return url


def _web_address(url: str) -> str:
    if not _WEB_ADDRESS.fullmatch(url):
        raise ValueError("must be https://HOST, without a path")
    return url.rstrip("/")


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().encode()) < SHORTEST_SECRET_BYTES:
        raise ValueError(f"needs {SHORTEST_SECRET_BYTES} bytes or more")
    return key


def _vapid_key(key: SecretStr) -> SecretStr:
    parse_vapid_keys(key.get_secret_value())
    return key


def _mail_server(url: SecretStr) -> SecretStr:
    if url.get_secret_value() != OFF:
        parse_smtp_url(url.get_secret_value())
    return url


def _sender(address: str) -> str:
    if not (address.isascii() and _SENDER.fullmatch(address)):
        raise ValueError("must be an address such as rookery@example.org")
    return address


def _split_origins(given: object) -> object:
    return tuple(origin.rstrip("/") for origin in _split(given)) if isinstance(given, str) else given


def _split_networks(given: object) -> object:
    return _split(given) if isinstance(given, str) else given


def _split(given: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in given.split(",") if part.strip())


def _origins_alone(origins: tuple[str, ...]) -> tuple[str, ...]:
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be * or origins such as https://example.org, with commas between them")
    return origins


def _networks_alone(proxies: tuple[str, ...]) -> tuple[str, ...]:
    try:
        networks = [ip_network(proxy) for proxy in proxies]
    except ValueError:
        networks = []
    if len(networks) < len(proxies) or any(network.prefixlen == 0 for network in networks):
        raise ValueError("must be addresses and ranges such as 10.1.0.0/16, with commas between them")
    return proxies


def _limit(given: object) -> object:
    return parse_limit(given) if isinstance(given, str) else given


MongoUrl = Annotated[str, AfterValidator(_mongo_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
MediaUrl = Annotated[str, AfterValidator(_folder_or_bucket)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Key = Annotated[SecretStr, AfterValidator(_long_enough)]
VapidKey = Annotated[SecretStr, AfterValidator(_vapid_key)]
MailServer = Annotated[SecretStr, AfterValidator(_mail_server)]
MailAddress = Annotated[str, AfterValidator(_sender)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_origins), AfterValidator(_origins_alone)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_networks), AfterValidator(_networks_alone)]
ActLimit = Annotated[Limit | None, NoDecode, BeforeValidator(_limit)]
