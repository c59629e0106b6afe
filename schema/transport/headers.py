"""Headers that tell browsers to trust a response with as little as it needs."""

from collections.abc import Mapping

EVERYWHERE: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

API: Mapping[str, str] = {
    **EVERYWHERE,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "vary": "Accept, Authorization, Origin",
}

LOCKED_DOWN = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

PAGE: Mapping[str, str] = {
    **EVERYWHERE,
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": f"default-src 'none'; style-src 'self'; img-src 'self'; {LOCKED_DOWN}",
}

# Monaco puts styles into the page and shows them by data URLs; scripts come from files of this server alone.
GRAPHIQL: Mapping[str, str] = {
    **PAGE,
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
        f"style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; {LOCKED_DOWN}"
    ),
}
