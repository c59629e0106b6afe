"""Secrets of scoped tokens: what is read back, and what is no secret."""

import pytest

from core.auth.scoped_tokens import new_secret, read_secret
from core.ids import MAX_ID, AccessTokenId


@pytest.mark.parametrize("number", [1, 42, MAX_ID])
def test_secret_is_read_back_and_fits_its_hash_alone(number: int) -> None:
    token_id = AccessTokenId(number)
    (one, digest), (other, other_digest) = new_secret(token_id), new_secret(token_id)
    presented = read_secret(one)
    assert presented is not None
    assert presented.token_id == token_id
    assert presented.fits(digest)
    assert not presented.fits(other_digest)
    assert one != other
    assert digest != other_digest
    assert digest.hex() not in one


def test_what_is_no_secret_is_none() -> None:
    secret, _ = new_secret(AccessTokenId(7))
    wrong = [
        "",
        "x",
        secret[:-1],
        f"{secret}x",
        f" {secret}",
        f"{secret}\n",
        secret.upper(),
        secret.replace("_7_", "_07_"),
    ]
    wrong += [secret.replace("_7_", "_0_"), secret.replace("_7_", "_-7_"), secret.replace("_7_", "_٧_")]
    wrong += [secret.replace("_7_", f"_{MAX_ID + 1}_"), secret.replace("_7_", f"_{'9' * 5_000}_")]
    assert [text for text in wrong if read_secret(text) is not None] == []
