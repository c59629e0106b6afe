"""URL-safe base64 without padding, for cursors, tokens and global ids."""

from binascii import b2a_base64

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def to_base64url(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()
