"""Access, refresh and impression tokens: issued ones are accepted until they expire, all others refused."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.auth.tokens import (
    ACCESS_LIFETIME,
    AccessClaims,
    AccessTokens,
    RefreshClaims,
    RefreshTokens,
    utc_now,
)
from core.errors import ErrorCode, UnauthenticatedError
from core.ids import MAX_ID, SessionId, UserId

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ALICE, SESSION = UserId(MAX_ID), SessionId(MAX_ID - 1)
NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> AccessTokens:
    return AccessTokens([KEY], clock)


def test_an_access_token_says_who_and_until_when(tokens: AccessTokens) -> None:
    token, expires_at = tokens.issue(ALICE, SESSION)
    assert expires_at == NOON + timedelta(minutes=15)
    assert tokens.check(token) == AccessClaims(ALICE, SESSION, expires_at)


def test_an_access_token_runs_out_on_the_second(clock: Clock, tokens: AccessTokens) -> None:
    clock.time = NOON + timedelta(milliseconds=999)
    token, expires_at = tokens.issue(ALICE, SESSION)
    assert expires_at == NOON + ACCESS_LIFETIME
    clock.time = expires_at - timedelta(microseconds=1)
    assert tokens.check(token).user_id == ALICE
    clock.time = expires_at
    assert_refused(tokens, token)


def test_the_clock_of_access_tokens_is_the_wall() -> None:
    token, expires_at = AccessTokens([KEY]).issue(ALICE, SESSION)
    assert timedelta(minutes=14) < expires_at - utc_now() <= timedelta(minutes=15)
    assert AccessTokens([KEY]).check(token).session_id == SESSION


def test_an_access_token_of_another_key_is_refused(clock: Clock, tokens: AccessTokens) -> None:
    token, _ = AccessTokens([OTHER_KEY], clock).issue(ALICE, SESSION)
    assert_refused(tokens, token)


def test_an_access_token_of_the_previous_key_is_accepted_and_the_first_key_signs(
    clock: Clock, tokens: AccessTokens
) -> None:
    rotated = AccessTokens([OTHER_KEY, KEY], clock)
    assert rotated.check(tokens.issue(ALICE, SESSION)[0]).user_id == ALICE
    assert AccessTokens([OTHER_KEY], clock).check(rotated.issue(ALICE, SESSION)[0]).user_id == ALICE


@pytest.mark.parametrize("algorithm", ["none", "HS512", "HS384"])
def test_an_access_token_of_another_algorithm_is_refused(tokens: AccessTokens, algorithm: str) -> None:
    key: str | bytes = "" if algorithm == "none" else KEY * 2
    token = jwt.encode(claims(), key, algorithm)
    assert_refused(AccessTokens([KEY * 2], Clock()), token)
    assert_refused(tokens, token)
    assert_refused(tokens, token.rstrip("."))


def test_a_signature_is_not_taken_from_a_header_that_says_none(tokens: AccessTokens) -> None:
    _, payload, signature = tokens.issue(ALICE, SESSION)[0].split(".")
    header = part_of(b'{"alg":"none","typ":"JWT"}')
    assert_refused(tokens, f"{header}.{payload}.{signature}")
    assert_refused(tokens, f"{header}.{payload}.")


@pytest.mark.parametrize("missing", ["sub", "sid", "exp"])
def test_an_access_token_without_a_claim_is_refused(tokens: AccessTokens, missing: str) -> None:
    claims_left = {name: value for name, value in claims().items() if name != missing}
    assert_refused(tokens, jwt.encode(claims_left, KEY, "HS256"))


@pytest.mark.parametrize(
    "wrong", [{"sub": "alice"}, {"sid": "first"}, {"exp": "soon"}, {"exp": 10**30}, {"nbf": 10**11}, {"iat": "x"}]
)
def test_an_access_token_with_a_wrong_claim_is_refused(tokens: AccessTokens, wrong: dict[str, object]) -> None:
    assert_refused(tokens, jwt.encode(claims() | wrong, KEY, "HS256"))


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b.c", "é.é.é", "\ud800.a.b", "\0", "Bearer x", " "])
def test_a_malformed_access_token_is_refused(tokens: AccessTokens, token: str) -> None:
    assert_refused(tokens, token)


def test_a_header_nested_without_end_is_refused(tokens: AccessTokens) -> None:
    assert_refused(tokens, f"{part_of(b'[' * 40_000)}.e30.AA")


@given(st.integers(0, 500), st.characters())
def test_an_access_token_with_one_character_changed_is_refused(at: int, character: str) -> None:
    tokens = AccessTokens([KEY], Clock())
    token, _ = tokens.issue(ALICE, SESSION)
    at %= len(token) - 1  # the very last character holds bits that base64 leaves out
    changed = token[:at] + character + token[at + 1 :]
    if changed != token:
        assert_refused(tokens, changed)


@given(st.integers(0, MAX_ID), st.integers(0, 1 << 40))
def test_a_refresh_token_says_of_which_session_and_generation_it_is(session: int, generation: int) -> None:
    tokens = RefreshTokens([KEY])
    token = tokens.issue(SessionId(session), generation)
    assert tokens.check(token) == RefreshClaims(SessionId(session), generation)


def test_an_older_generation_is_told_apart_from_the_next() -> None:
    tokens = RefreshTokens([KEY])
    older, newer = tokens.issue(SESSION, 3), tokens.issue(SESSION, 4)
    assert older != newer
    assert tokens.check(older) == RefreshClaims(SESSION, 3)
    assert tokens.check(newer) == RefreshClaims(SESSION, 4)


def test_a_refresh_token_of_the_previous_key_is_accepted_and_the_first_key_signs() -> None:
    rotated = RefreshTokens([OTHER_KEY, KEY])
    assert rotated.check(RefreshTokens([KEY]).issue(SESSION, 3)) == RefreshClaims(SESSION, 3)
    assert rotated.issue(SESSION, 3) == RefreshTokens([OTHER_KEY]).issue(SESSION, 3)
    assert RefreshTokens([OTHER_KEY]).check(RefreshTokens([KEY]).issue(SESSION, 3)) is None


def test_a_refresh_token_for_another_session_or_generation_can_not_be_made_of_one() -> None:
    tokens = RefreshTokens([KEY])
    signature = tokens.issue(SESSION, 3).rpartition(".")[2]
    forged = [f"{SESSION}.4.{signature}", f"{SESSION - 1}.3.{signature}", f"{SESSION}.03.{signature}"]
    assert [tokens.check(token) for token in forged] == [None, None, None]


@pytest.mark.parametrize("token", ["", ".", "..", "1.2", "1.2.", "1.2.é", "\ud800.1.2", "1.2.3.4", "a" * 100_000])
def test_a_malformed_refresh_token_is_refused(token: str) -> None:
    assert RefreshTokens([KEY]).check(token) is None


def test_an_access_token_is_no_refresh_token_nor_the_other_way_round(tokens: AccessTokens) -> None:
    refresh = RefreshTokens([KEY])
    assert refresh.check(tokens.issue(ALICE, SESSION)[0]) is None
    assert_refused(tokens, refresh.issue(SESSION, 0))


def claims() -> dict[str, object]:
    return {"sub": str(ALICE), "sid": str(SESSION), "exp": int((NOON + ACCESS_LIFETIME).timestamp())}


def part_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def assert_refused(tokens: AccessTokens, token: str) -> None:
    with pytest.raises(UnauthenticatedError) as refusal:
        tokens.check(token)
    assert refusal.value.code is ErrorCode.UNAUTHENTICATED
    assert refusal.value.message == "The access token is not valid, or has run out."
