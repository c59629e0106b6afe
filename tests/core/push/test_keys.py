"""Keys of Web Push."""

import pytest

from core.base64url import to_base64url
from core.push.keys import new_vapid_keys, parse_browser_keys, parse_vapid_keys

# RFC 8291, Appendix A.
PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


def test_a_private_key_is_written_and_read() -> None:
    assert parse_vapid_keys(PRIVATE).public_text == PUBLIC
    keys = new_vapid_keys()
    again = parse_vapid_keys(keys.private_text + "=")
    assert (again.public_text, again.private_text) == (keys.public_text, keys.private_text)
    assert new_vapid_keys().public_text != keys.public_text


def test_what_is_no_private_key_is_refused() -> None:
    for text in ("", "x", "key key", PUBLIC, AUTH, to_base64url(bytes(32)), to_base64url(b"\xff" * 32), "ä" * 43):
        with pytest.raises(ValueError, match=r"must be|is no"):
            parse_vapid_keys(text)


def test_keys_of_browsers() -> None:
    point, secret = parse_browser_keys(PUBLIC + "==", AUTH)
    assert (len(point or b""), len(secret or b"")) == (65, 16)
    for text in ("", PRIVATE, AUTH, PUBLIC[:-2], PUBLIC[:-4] + "AAAA", "?", PUBLIC * 3, to_base64url(b"\x00")):
        assert parse_browser_keys(text, PUBLIC) == (None, None)
