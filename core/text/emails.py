"""E-mail addresses: which ones are taken, their keys, and the form in which mail programs know them."""

import re
from typing import Final

import idna

# RFC 5321, 4.5.3.1.
_LONGEST_LOCAL: Final = 64
_LONGEST_ADDRESS: Final = 254
# Dot-atoms of RFC 5322 with the letters of RFC 6531; a quoted local part is never needed, and often mistaken.
_ATOM = r"[0-9A-Za-z!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]+"
# Beginning of an encoded word (RFC 2047), which Python's email decodes in headers, line breaks and all.
_ENCODED: Final = "=?"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*+")


def is_email(text: str) -> bool:
    """Whether a mail could be sent there, as far as its spelling tells."""
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > _LONGEST_LOCAL or _ENCODED in local:
        return False
    ascii_domain = _ascii_domain(domain)
    return ascii_domain is not None and len(local.encode()) + 1 + len(ascii_domain) <= _LONGEST_ADDRESS


def envelope_address(email: str) -> str:
    """The address with its domain in ASCII (IDNA). Raises ValueError for a text that is no address."""
    local, _, domain = email.rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None:
        raise ValueError("no e-mail address")
    return f"{local}@{ascii_domain}"


def as_sent(email: str) -> str:
    """As `envelope_address`; a text that is no address stays as it is."""
    return envelope_address(email) if is_email(email) else email


def _ascii_domain(domain: str) -> str | None:
    """None for a domain that IDNA 2008 refuses, such as one with invisible characters."""
    if domain.endswith("."):
        return None
    try:
        return idna.encode(domain.lower()).decode()
    except (idna.IDNAError, UnicodeError):
        return None
