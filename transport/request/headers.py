"""Security headers of responses, by kind of response; each grants browsers only what it needs."""

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
    f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; {LOCKED_DOWN}"
)

# The page never turns text into markup or script, but for the address of its service worker (web/store/pushes.js).
PAGE: Mapping[str, str] = {
    **EVERYWHERE,
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        f"{_OWN_FILES}; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types push-worker"
    ),
}

# For the many files that pages load.
FILE: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}

# Pictures are shown by pages of other sites, too, and never run.
MEDIA: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "default-src 'none'; sandbox",
}

# The demo adds a script tag to itself, as other sites do.
WIDGET_DEMO: Mapping[str, str] = {**PAGE, "content-security-policy": _OWN_FILES}

# Other sites may load the widget; ROOKERY_ALLOWED_ORIGINS limits what it may request.
WIDGET: Mapping[str, str] = {
    **EVERYWHERE,
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "default-src 'none'",
}

# Monaco adds inline styles and data URLs; scripts come from this server's files alone.
GRAPHIQL: Mapping[str, str] = {
    **EVERYWHERE,
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
        f"style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; {LOCKED_DOWN}"
    ),
}
