"""Registration: accepted and refused inputs; a refusal leaves nothing behind."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.people import REGISTER, codes, refusals, registration, sign_up, unused_handle
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ME = """{ viewer { email dateOfBirth user { id handle name joinedAt }
  sessions { device createdAt lastUsedAt isCurrent } } }"""


async def test_registering_makes_an_account_and_signs_in(shared_service: Service) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    device = {"kind": "IOS", "appVersion": "1.2 (345)", "locale": "de-CH"}
    wanted = registration(name=" Ada Rook ", dateOfBirth="1990-02-28", device=device)
    payload = (await shared_service.ask(REGISTER, {"input": wanted}))["data"]["register"]
    after = datetime.now(UTC)

    assert payload["userErrors"] == []
    tokens, user = payload["tokens"], payload["viewer"]["user"]
    viewer = (await shared_service.ask(ME, token=tokens["accessToken"]))["data"]["viewer"]
    joined_at = viewer["user"].pop("joinedAt")
    assert viewer["user"] == {"id": user["id"], "handle": wanted["handle"], "name": "Ada Rook"}
    assert (viewer["email"], viewer["dateOfBirth"]) == (wanted["email"], "1990-02-28")
    (session,) = viewer["sessions"]
    assert (session["device"], session["isCurrent"]) == ("IOS", True)
    for instant in (joined_at, session["createdAt"], session["lastUsedAt"]):
        assert instant.endswith("Z")
        assert before <= datetime.fromisoformat(instant) <= after
    runs_out = datetime.fromisoformat(tokens["expiresAt"])
    assert before + timedelta(minutes=15, seconds=-1) <= runs_out <= after + timedelta(minutes=15)


async def test_every_wrong_field_of_a_registration_is_told_at_once(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    before = await shared_service.fingerprint()
    wrong = registration(
        handle=alice.handle.upper(), name="\n", email="nobody", password="short", dateOfBirth="1899-12-31"
    )
    assert await refusals(shared_service, REGISTER, input=wrong) == [
        ("INVALID", ["input", "name"]),
        ("INVALID", ["input", "email"]),
        ("INVALID", ["input", "password"]),
        ("INVALID", ["input", "dateOfBirth"]),
        ("TAKEN", ["input", "handle"]),
    ]
    assert await shared_service.fingerprint() == before


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("handle", "", "INVALID"),
        ("handle", "@alice", "INVALID"),
        ("handle", "al ice", "INVALID"),
        ("handle", "älice", "INVALID"),
        ("handle", "alice\0", "INVALID"),
        ("handle", "a" * 16, "TOO_LONG"),
        ("name", "", "INVALID"),
        ("name", " \t ", "INVALID"),
        ("name", "two\nlines", "INVALID"),
        ("name", "nul\0", "INVALID"),
        ("name", "n" * 51, "TOO_LONG"),
        ("email", "", "INVALID"),
        ("email", "somebody", "INVALID"),
        ("email", "some@body@example.org", "INVALID"),
        ("email", "some body@example.org", "INVALID"),
        ("email", "nul\0@example.org", "INVALID"),
        ("email", f"{'e' * 60}@{'x.' * 100}org", "TOO_LONG"),
        ("password", "", "INVALID"),
        ("password", "7 chars", "INVALID"),
        ("password", "with a nul\0", "INVALID"),
        ("password", "p" * 129, "TOO_LONG"),
        ("password", " " * 8, "INVALID"),
        ("password", "Password123", "INVALID"),
        ("email", '"a b"@example.org', "INVALID"),
        ("email", "=?utf-8?q?a=0A?=@example.org", "INVALID"),
        ("name", "Bcc: eve@example.org\r\nx", "INVALID"),
        ("handle", "Admin", "TAKEN"),
        ("dateOfBirth", f"{datetime.now(UTC).year - 5}-02-28", "INVALID"),
        ("dateOfBirth", "1899-12-31", "INVALID"),
        ("dateOfBirth", "9999-12-31", "INVALID"),
    ],
)
async def test_wrong_field_of_a_registration_is_named(
    shared_service: Service, field: str, value: str, code: str
) -> None:
    wanted = registration(**{field: value})
    assert await refusals(shared_service, REGISTER, input=wanted) == [(code, ["input", field])]
    right = registration(handle=wanted["handle"]) if field != "handle" else registration(email=wanted["email"])
    assert await refusals(shared_service, REGISTER, input=right) == []


@pytest.mark.parametrize("day", ["2020-02-30", "2020-W01-1", "20200101", "1/1/2020", "2020-01-01T00:00:00Z", "", 5])
async def test_what_is_no_day_is_an_error(shared_service: Service, day: object) -> None:
    answer = await shared_service.ask(REGISTER, {"input": registration(dateOfBirth=day)})
    assert codes(answer) == ["BAD_USER_INPUT"]


async def test_handle_and_address_are_taken_in_whatever_case(shared_service: Service) -> None:
    wanted = registration(email=f"Straße.{unused_handle('x')}@example.org")
    assert await refusals(shared_service, REGISTER, input=wanted) == []
    before = await shared_service.fingerprint()
    again = registration(handle=wanted["handle"].upper(), email=wanted["email"].upper())
    # A known address is told of only where all else is right.
    assert await refusals(shared_service, REGISTER, input=again) == [("TAKEN", ["input", "handle"])]
    again = registration(email=wanted["email"].upper())
    assert await refusals(shared_service, REGISTER, input=again) == [("TAKEN", ["input", "email"])]
    assert await refusals(shared_service, REGISTER, input={**again, "name": ""}) == [("INVALID", ["input", "name"])]
    assert await shared_service.fingerprint() == before


async def test_of_many_who_want_a_handle_at_once_one_gets_it(shared_service: Service) -> None:
    handle = unused_handle("wanted")
    wishes = [registration(handle=handle) for _ in range(6)]
    answers = await asyncio.gather(*[refusals(shared_service, REGISTER, input=wish) for wish in wishes])
    assert sorted(answers) == [[], *[[("TAKEN", ["input", "handle"])]] * 5]
