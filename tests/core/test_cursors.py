"""Cursors: encoding and decoding are inverse, for the field that encoded only."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cursors import CursorCodec
from core.errors import BadCursorError, ErrorCode

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ID = 1 << 62

places = st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1, max_size=4)
fields = st.text(st.characters(max_codepoint=0x2FF), max_size=20)


@pytest.fixture
def codec() -> CursorCodec:
    return CursorCodec([KEY])


@given(fields, places)
def test_what_was_written_is_read(field: str, place: list[int]) -> None:
    codec = CursorCodec([KEY])
    assert codec.decode(field, codec.encode(field, *place), len(place)) == tuple(place)


@given(fields, fields, places)
def test_another_field_is_refused(one: str, other: str, place: list[int]) -> None:
    codec = CursorCodec([KEY])
    cursor = codec.encode(one, *place)
    if one != other:
        assert_refused(codec, other, cursor, len(place))


def test_a_place_of_another_length_is_refused(codec: CursorCodec) -> None:
    cursor = codec.encode("home", ID, 5)
    assert codec.decode("home", cursor, 2) == (ID, 5)
    assert_refused(codec, "home", cursor, 1)
    assert_refused(codec, "home", cursor, 3)


@given(st.integers(0, 22), st.sampled_from("ABCXYZabcxyz0189-_=+/ \n\0é"))
def test_a_cursor_with_one_character_changed_is_refused(at: int, character: str) -> None:
    codec = CursorCodec([KEY])
    cursor = codec.encode("home", ID)
    assert len(cursor) == 23
    changed = cursor[:at] + character + cursor[at + 1 :]
    if changed != cursor:
        assert_refused(codec, "home", changed)


@given(st.integers(0, 23), st.sampled_from(["=", "==", "A", "!", "\n", " ", "\0", "é", "\ud800", "%3D"]))
def test_a_cursor_with_something_put_in_is_refused(at: int, more: str) -> None:
    codec = CursorCodec([KEY])
    cursor = codec.encode("home", ID)
    assert_refused(codec, "home", cursor[:at] + more + cursor[at:])


def test_bits_beyond_the_end_are_part_of_the_cursor(codec: CursorCodec) -> None:
    cursor = codec.encode("home", ID)
    twins = [cursor[:-1] + last for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    same = [twin for twin in twins if urlsafe_b64decode(twin + "=") == urlsafe_b64decode(cursor + "=")]
    assert len(same) == 4
    accepted = [twin for twin in twins if is_accepted(codec, twin)]
    assert accepted == [cursor]


@given(st.text(max_size=60))
def test_made_up_text_is_refused(text: str) -> None:
    assert_refused(CursorCodec([KEY]), "home", text)


def test_a_place_with_a_made_up_signature_is_refused(codec: CursorCodec) -> None:
    payload = struct.pack(">q", ID)
    for signature in (b"", b"\0" * 9, b"\0" * 8, b"\0" * 32):
        assert_refused(codec, "home", urlsafe_b64encode(payload + signature).rstrip(b"=").decode())


def test_a_cursor_of_another_key_is_refused(codec: CursorCodec) -> None:
    assert_refused(codec, "home", CursorCodec([OTHER_KEY]).encode("home", ID))


def test_a_cursor_of_the_previous_key_is_accepted_and_the_first_key_signs() -> None:
    before, after = CursorCodec([KEY]), CursorCodec([OTHER_KEY, KEY])
    assert after.decode("home", before.encode("home", ID), 1) == (ID,)
    assert after.encode("home", ID) == CursorCodec([OTHER_KEY]).encode("home", ID)


def test_an_overlong_cursor_is_refused(codec: CursorCodec) -> None:
    longest = codec.encode("home", *range(46))
    overlong = codec.encode("home", *range(47))
    assert (len(longest), len(overlong)) == (503, 514)
    assert codec.decode("home", longest, 46) == tuple(range(46))
    assert_refused(codec, "home", overlong, 47)
    assert_refused(codec, "home", "A" * 1_000_000)


def is_accepted(codec: CursorCodec, cursor: str) -> bool:
    try:
        return codec.decode("home", cursor, 1) == (ID,)
    except BadCursorError:
        return False


def assert_refused(codec: CursorCodec, field: str, cursor: str, length: int = 1) -> None:
    with pytest.raises(BadCursorError) as refusal:
        codec.decode(field, cursor, length)
    assert refusal.value.code is ErrorCode.BAD_CURSOR
    assert refusal.value.message == "This cursor was not given by this field."
