"""A device that signed in before is not shut out by failures of others."""

from typing import Any

from tests.support.people import PASSWORD, codes, sign_up
from tests.support.service import Service

LOGIN = """mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }"""


async def test_known_device_signs_in_where_others_are_shut_out(service: Service) -> None:
    alice = await sign_up(service, "alice")

    async def sign_in(password: str, device: str | None = None) -> dict[str, Any]:
        chosen = None if device is None else {"kind": "IOS", "id": device}
        wanted = {"login": alice.handle, "password": password, "device": chosen}
        return await service.ask(LOGIN, {"input": wanted})

    assert (await sign_in(PASSWORD, "phone"))["data"]["login"]["tokens"]
    for _ in range(5):
        assert (await sign_in("wrong horse"))["data"]["login"]["userErrors"] == [{"code": "WRONG_CREDENTIALS"}]
    for device in (None, "tablet"):
        assert codes(await sign_in(PASSWORD, device)) == ["RATE_LIMITED"]
    assert (await sign_in("wrong horse", "phone"))["data"]["login"]["userErrors"] == [{"code": "WRONG_CREDENTIALS"}]
    assert (await sign_in(PASSWORD, "phone"))["data"]["login"]["tokens"]
