"""Mails as their reader finds them in the catcher of dev."""

import re
from typing import Any

from tests.support.people import REGISTER, Person, registration
from tests.support.service import Service
from tests.support.waiting import eventually

VERIFY = """mutation($token: String!) { verifyEmail(token: $token) {
  viewer { email isEmailVerified pendingEmail } userErrors { code field message } } }"""
RESEND = "mutation { resendVerification { accepted userErrors { code field } } }"
REQUEST_RESET = """mutation($login: String!) { requestPasswordReset(login: $login) {
  accepted userErrors { code field } } }"""
RESET = """mutation($token: String!, $new: String!) { resetPassword(token: $token, new: $new) {
  tokens { accessToken refreshToken } viewer { user { handle } } userErrors { code field message } } }"""
CHANGE_EMAIL = """mutation($email: String!, $password: String!) { changeEmail(email: $email, password: $password) {
  viewer { email isEmailVerified pendingEmail } userErrors { code field } } }"""
CHANGE_HANDLE = """mutation($handle: String!, $password: String!) { changeHandle(handle: $handle, password: $password) {
  user { id handle } userErrors { code field } } }"""
LOGIN = """mutation($input: LoginInput!) { login(input: $input) {
  tokens { accessToken refreshToken } viewer { user { id } } userErrors { code field message } } }"""

VERIFICATION, RESETTING = "Confirm your e-mail address", "Choose a new password"
IN_USE, EMAIL_CHANGING = "Your address has an account already", "Your e-mail address is being changed"
PASSWORD_CHANGED, HANDLE_CHANGED = "Your password was changed", "Your handle was changed"
NEW_DEVICE = "A new sign-in to your account"


async def mails_to(service: Service, address: str) -> list[dict[str, Any]]:
    """Mails that have come so far, oldest first."""
    mails = (await service.http.get("/mail.json")).json()
    return [mail for mail in reversed(mails) if mail["to"].casefold() == address.casefold()]


async def subjects_to(service: Service, address: str) -> list[str]:
    """When all mails have left, oldest first."""
    await service.settle()
    return [mail["subject"] for mail in await mails_to(service, address)]


async def mail_to(service: Service, address: str, subject: str, number: int = 0) -> dict[str, Any]:
    """Waits for the mail with this subject that came as that number, from 0."""

    async def come() -> dict[str, Any] | None:
        found = [mail for mail in await mails_to(service, address) if mail["subject"] == subject]
        return found[number] if len(found) > number else None

    mail: dict[str, Any] | None = await eventually(come)
    assert mail is not None
    return mail


def token_of(mail: dict[str, Any]) -> str:
    """The token of the mail's link, which is the same in both parts."""
    (token,) = set(re.findall(r"#token=([\w-]{43})(?![\w-])", mail["text"]))
    assert set(re.findall(r"#token=([\w-]{43})(?![\w-])", mail["html"])) == {token}
    return str(token)


async def newcomer(service: Service, name: str = "new", /, **more: Any) -> tuple[Person, str]:
    """Somebody who just signed up, and their address."""
    wanted = registration(name, **more)
    payload = (await service.ask(REGISTER, {"input": wanted}))["data"]["register"]
    assert payload["userErrors"] == [], payload
    tokens, user = payload["tokens"], payload["viewer"]["user"]
    person = Person(service, user["id"], wanted["handle"], tokens["accessToken"], tokens["refreshToken"])
    return person, wanted["email"]


async def refused(service: Service, document: str, **variables: Any) -> list[Any]:
    """Code and field of each userError of an anonymous mutation; one that succeeds gives an empty list."""
    (payload,) = (await service.ask(document, variables))["data"].values()
    return [(error["code"], error["field"]) for error in payload["userErrors"]]
