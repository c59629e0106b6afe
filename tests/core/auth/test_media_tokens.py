"""Addresses of pictures serve for their time, one picture and one purpose, with a key of this deployment."""

from datetime import UTC, datetime, timedelta

import pytest

from core.auth.media_tokens import READ_LIFETIME, UPLOAD_LIFETIME, MediaSignatures, UploadTokens
from core.ids import MediaId

NEW, OLD, FOREIGN = b"n" * 32, b"o" * 32, b"f" * 32
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PICTURE = MediaId(77)
PATH = "/media/77/large.webp"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_upload_token_serves_for_ten_minutes() -> None:
    clock = Clock()
    tokens = UploadTokens([NEW], clock)
    token, expires_at = tokens.issue(PICTURE)
    assert expires_at == NOON + UPLOAD_LIFETIME
    assert tokens.check(token) == PICTURE
    clock.now = expires_at - timedelta(seconds=1)
    assert tokens.check(token) == PICTURE
    clock.now = expires_at
    assert tokens.check(token) is None


def test_keys_are_exchanged_one_after_the_other() -> None:
    token, _ = UploadTokens([OLD], Clock()).issue(PICTURE)
    assert UploadTokens([NEW, OLD], Clock()).check(token) == PICTURE
    assert UploadTokens([NEW], Clock()).check(token) is None


@pytest.mark.parametrize("broken", ["", ".", "77", "77.1.é", "78{rest}", "77{rest}x", "77{rest}é"])
def test_token_of_others_is_none(broken: str) -> None:
    tokens = UploadTokens([NEW], Clock())
    rest = tokens.issue(PICTURE)[0].removeprefix("77")
    assert tokens.check(broken.format(rest=rest)) is None


def test_read_signature_serves_for_ten_to_fifteen_minutes() -> None:
    clock = Clock()
    signatures = MediaSignatures([NEW], clock)
    for seconds in range(0, 600, 7):
        clock.now = signed_at = NOON + timedelta(seconds=seconds)
        until, signature = parts_of(signatures.sign(PATH))
        ends = datetime.fromtimestamp(int(until), UTC)
        assert signed_at + timedelta(minutes=10) < ends <= signed_at + READ_LIFETIME
        assert signatures.is_valid(PATH, until, signature)
        clock.now = ends
        assert not signatures.is_valid(PATH, until, signature)


def test_signatures_of_the_same_minutes_are_equal() -> None:
    clock = Clock()
    signatures = MediaSignatures([NEW], clock)
    first = signatures.sign(PATH)
    clock.now += timedelta(minutes=4)
    assert signatures.sign(PATH) == first
    clock.now += timedelta(minutes=1)
    assert signatures.sign(PATH) != first


def test_signature_is_for_one_path_one_time_and_one_deployment() -> None:
    signatures = MediaSignatures([NEW], Clock())
    until, signature = parts_of(signatures.sign(PATH))
    assert not signatures.is_valid("/media/78/large.webp", until, signature)
    assert not signatures.is_valid(PATH, str(int(until) + 300), signature)
    assert not signatures.is_valid(PATH, until, signature[:-1])
    assert not MediaSignatures([FOREIGN], Clock()).is_valid(PATH, until, signature)
    for wrong in ("", "-1", "1e9", "٣", "9" * 30):
        assert not signatures.is_valid(PATH, wrong, signature)


def test_upload_token_is_no_read_signature() -> None:
    token, _ = UploadTokens([NEW], Clock()).issue(PICTURE)
    claims, _, signature = token.rpartition(".")
    path, _, until = claims.partition(".")
    assert not MediaSignatures([NEW], Clock()).is_valid(path, until, signature)


def parts_of(query: str) -> tuple[str, str]:
    until, signature = (part.partition("=")[2] for part in query.split("&"))
    return until, signature
