"""Global ids as texts: opaque, of a GraphQL type and a number or name."""

from core.base64url import to_base64url


def global_text(kind: str, name: str | int) -> str:
    return to_base64url(f"{kind}:{name}".encode())
