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

_OWN_FILES = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; {LOCKED_DOWN}"
)

# Nothing turns text into markup or script.
PAGE: Mapping[str, str] = {
    **EVERYWHERE,
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": f"{_OWN_FILES}; require-trusted-types-for 'script'; trusted-types 'none'",
}

# Of files that pages load, of which there are many.
FILE: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}

# Adds a script tag to itself, as pages of others do.
WIDGET_DEMO: Mapping[str, str] = {**PAGE, "content-security-policy": _OWN_FILES}

# Pages of others may load it; what it may ask is said by the origins that are allowed.
WIDGET: Mapping[str, str] = {
    **EVERYWHERE,
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "default-src 'none'",
}

# Monaco puts styles into the page and shows them by data URLs; scripts come from files of this server alone.
GRAPHIQL: Mapping[str, str] = {
    **EVERYWHERE,
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
        f"style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; {LOCKED_DOWN}"
    ),
}
