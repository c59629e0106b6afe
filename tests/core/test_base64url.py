"""URL-safe base64 without padding."""

from base64 import urlsafe_b64decode

from hypothesis import given
from hypothesis import strategies as st

from core.base64url import to_base64url


@given(st.binary(max_size=64))
def test_text_decodes_to_the_same_bytes_and_needs_no_escapes(raw: bytes) -> None:
    text = to_base64url(raw)
    assert urlsafe_b64decode(text + "=" * (-len(text) % 4)) == raw
    assert all(character.isalnum() or character in "-_" for character in text)


def test_alphabet_is_the_url_safe_one() -> None:
    assert to_base64url(b"\xfb\xef\xff\xff") == "--___w"
