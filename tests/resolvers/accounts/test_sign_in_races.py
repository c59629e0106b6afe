"""Sign-ins and changes of the password that meet: no session of the password of before outlives the change."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from datastore.auth.sessions import SessionStore
from datastore.credentials.passwords import PasswordStore
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGIN = """mutation($input: LoginInput!) { login(input: $input) {
  tokens { accessToken refreshToken } userErrors { code field } } }"""
CHANGE = """mutation($current: String!, $new: String!) { changePassword(current: $current, new: $new) {
  userErrors { code field } } }"""
LEAVE = "mutation($password: String!) { deleteAccount(password: $password) { userErrors { code } } }"
SESSIONS = "{ viewer { sessions { id } } }"
NEW = "staple battery"
REFUSED = {"tokens": None, "userErrors": [{"code": "WRONG_CREDENTIALS", "field": ["input"]}]}


class Held:
    """Calls of a method of a store wait until `let_go`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: type, method: str) -> None:
        self._go, self.waiting, called = asyncio.Event(), 0, getattr(store, method)

        async def hold(*args: Any, **more: Any) -> Any:
            self.waiting += 1
            await self._go.wait()
            return await called(*args, **more)

        monkeypatch.setattr(store, method, hold)

    async def until_waiting(self, calls: int = 1) -> None:
        await eventually(lambda: self.waiting >= calls)

    def let_go(self) -> None:
        self._go.set()


async def change(person: Person) -> None:
    await person.act(CHANGE, current=PASSWORD, new=NEW)
    assert len((await person.ask(SESSIONS))["viewer"]["sessions"]) == 1


async def leave(person: Person) -> None:
    await person.act(LEAVE, password=PASSWORD)


@pytest.mark.parametrize("act", [change, leave])
async def test_a_sign_in_that_began_before_does_not_outlive_it(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch, act: Callable[[Person], Awaitable[None]]
) -> None:
    alice = await sign_up(shared_service, "alice")
    with monkeypatch.context() as patch:
        held = Held(patch, SessionStore, "insert")
        wanted = {"input": {"login": alice.handle, "password": PASSWORD}}
        signing_in = asyncio.create_task(shared_service.ask(LOGIN, wanted))
        await held.until_waiting()
        await act(alice)
        held.let_go()
        assert (await signing_in)["data"]["login"] == REFUSED
    if act is change:
        assert len((await alice.ask(SESSIONS))["viewer"]["sessions"]) == 1


async def test_of_two_changes_with_one_password_one_is_refused(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await sign_up(shared_service, "alice")
    with monkeypatch.context() as patch:
        held = Held(patch, PasswordStore, "change")
        changes = [asyncio.create_task(alice.ask(CHANGE, current=PASSWORD, new=f"{NEW} {one}")) for one in range(2)]
        await held.until_waiting(2)
        held.let_go()
        outcomes = [(await one)["changePassword"]["userErrors"] for one in changes]
    assert sorted(map(bool, outcomes)) == [False, True]
    assert [{"code": "WRONG_CREDENTIALS", "field": ["current"]}] in outcomes
