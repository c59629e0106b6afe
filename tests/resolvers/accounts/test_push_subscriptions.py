"""Push subscriptions through the API: one for each session, kept while it lasts."""

from dataclasses import replace

import pytest

from core.base64url import to_base64url
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.scenarios.push import (
    PREFER,
    SERVER_KEY,
    SUBSCRIBE,
    SUBSCRIPTIONS,
    UNSUBSCRIBE,
    Browser,
    preference,
    subscribed,
)
from tests.support.scenarios.scoped_tokens import scoped
from tests.support.service import Service, running_api

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = "mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }"
LOGOUT = "mutation { logout { deletedId userErrors { code } } }"
LOGOUT_OTHER = "mutation($id: ID!) { logout(sessionId: $id) { deletedId userErrors { code } } }"
CHANGE = f'mutation {{ changePassword(current: "{PASSWORD}", new: "staple battery") {{ userErrors {{ code }} }} }}'
NODE = "query($id: ID!) { node(id: $id) { id ... on PushSubscription { service } } }"
ENDPOINT = "https://push.example.net/1"


async def test_a_device_subscribes_and_chooses(shared_service: Service) -> None:
    alice, browser = await sign_up(shared_service, "alice"), Browser()
    made = await subscribed(alice, browser=browser, preferences=[preference("LIKE", "NOBODY")])
    assert (made["service"], made["isCurrent"]) == ("push.example.net", True)
    assert chosen(made) == {"LIKE": "NOBODY"}
    assert await of(alice) == [made]
    assert await alice.ask(NODE, id=made["id"]) == {"node": {"id": made["id"], "service": "push.example.net"}}

    again = await subscribed(alice, f"{ENDPOINT}1", browser, preferences=[preference("FOLLOW", "FOLLOWING")])
    assert chosen(again) == {"LIKE": "NOBODY", "FOLLOW": "FOLLOWING"}
    assert again["createdAt"] == made["createdAt"]
    there = await another_session(alice)
    assert [one["isCurrent"] for one in await of(there)] == [False]
    wanted = {"id": made["id"], "preferences": [preference("LIKE", "EVERYONE"), preference("SECURITY", "NOBODY")]}
    changed = (await there.act(PREFER, input=wanted))["pushSubscription"]
    assert chosen(changed) == {"FOLLOW": "FOLLOWING", "SECURITY": "NOBODY"}
    assert (await alice.act(UNSUBSCRIBE))["deletedId"] == made["id"]
    assert (await alice.act(UNSUBSCRIBE))["deletedId"] == made["id"]
    assert await of(alice) == []


async def test_what_is_wrong_is_named_and_changes_nothing(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    his, fine = await subscribed(bob), {"endpoint": ENDPOINT, **Browser().keys}
    for field, value in (
        ("endpoint", "http://push.example.net/1"),
        ("endpoint", "https://127.0.0.1/"),
        ("endpoint", "https://10.0.0.1/"),
        ("endpoint", "https://db.internal/"),
        ("p256dh", to_base64url(bytes(65))),
        ("p256dh", "ä"),
        ("auth", to_base64url(bytes(15))),
        ("preferences", [preference("LIKE", "NOBODY"), preference("LIKE", "EVERYONE")]),
        ("preferences", [preference("DECISION", "FOLLOWING")]),
    ):
        assert await alice.refused(SUBSCRIBE, input={**fine, field: value}) == [("INVALID", ["input", field])]
    everything = {"endpoint": "x", "p256dh": "", "auth": ""}
    assert len(await alice.refused(SUBSCRIBE, input=everything)) == 3
    assert await of(alice) == []
    nothing = [("NOT_FOUND", ["input", "id"])]
    assert await alice.refused(PREFER, input={"preferences": [preference("LIKE", "NOBODY")]}) == nothing
    assert await alice.refused(PREFER, input={"id": his["id"], "preferences": []}) == nothing
    assert await alice.refused(UNSUBSCRIBE, id=his["id"]) == [("NOT_FOUND", ["id"])]
    assert await alice.ask(NODE, id=his["id"]) == {"node": None}
    assert await of(bob) == [his]
    reader = await scoped(bob, "WRITE")
    assert await reader.failed(SUBSCRIBE, input=fine) == ["FORBIDDEN"]
    assert await reader.failed(SUBSCRIPTIONS) == ["FORBIDDEN"]
    assert await reader.failed(NODE, id=his["id"]) == ["FORBIDDEN"]


async def test_a_subscription_goes_with_its_session(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    made, there = await subscribed(alice), await another_session(alice)
    theirs = await subscribed(there, f"{ENDPOINT}2")
    third = await another_session(alice)
    await subscribed(third, f"{ENDPOINT}3")
    assert len(await of(alice)) == 3
    await third.act(LOGOUT)
    await alice.act(LOGOUT_OTHER, id=theirs["sessionId"])
    assert [one["id"] for one in await of(alice)] == [made["id"]]
    fourth = await another_session(alice)
    await fourth.act(CHANGE)
    assert await of(fourth) == []


async def test_a_browser_is_told_for_one_session_alone(shared_service: Service) -> None:
    alice, bob, shared = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob"), Browser()
    mine = await subscribed(alice, browser=shared)
    his = await subscribed(bob, browser=shared)
    assert (await of(alice), await of(bob)) == ([], [his])
    # Who only knows the address of another's browser takes nothing away.
    await subscribed(alice, browser=Browser())
    assert (len(await of(alice)), await of(bob)) == (1, [his])
    again = await subscribed(alice, browser=shared)
    assert (again["id"], await of(bob)) == (mine["id"], [])


async def test_devices_of_a_person_are_limited(shared_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datastore.push.subscriptions.MOST_SUBSCRIPTIONS", 2)
    alice, browser = await sign_up(shared_service, "alice"), Browser()
    await subscribed(alice, browser=browser)
    second, third = await another_session(alice), await another_session(alice)
    await subscribed(second, f"{ENDPOINT}2")
    wanted = {"endpoint": f"{ENDPOINT}3", **Browser().keys}
    assert await third.refused(SUBSCRIBE, input=wanted) == [("CONFLICT", ["input"])]
    assert len(await of(alice)) == 2
    await subscribed(second, f"{ENDPOINT}4")  # in the place of its own
    await subscribed(third, browser=browser)  # the same browser signed in anew
    assert [one["isCurrent"] for one in await of(third)] == [True, False]
    assert [one["isCurrent"] for one in await of(alice)] == [False, False]


async def test_the_key_of_the_server_is_one_for_all_processes(shared_service: Service) -> None:
    key = (await shared_service.ask(SERVER_KEY))["data"]["pushServerKey"]
    assert (await shared_service.ask(SERVER_KEY))["data"]["pushServerKey"] == key
    async with running_api(shared_service.settings) as url:
        answer = await shared_service.http.post(f"{url}/graphql", json={"query": SERVER_KEY})
    assert answer.json()["data"]["pushServerKey"] == key
    rows = [row async for row in shared_service.stores.mongo.collection("vapid_keys").find()]
    assert len(rows) == 1
    assert key not in str(rows)


async def of(person: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await person.ask(SUBSCRIPTIONS))["viewer"]["pushSubscriptions"]
    return found


def chosen(subscription: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """The kinds that not everybody is told of."""
    rows = subscription["preferences"]
    assert len(rows) == 9
    return {row["kind"]: row["audience"] for row in rows if row["audience"] != "EVERYONE"}


async def another_session(person: Person) -> Person:
    answer = await person.act(LOGIN, input={"login": person.handle, "password": PASSWORD})
    return replace(person, token=answer["tokens"]["accessToken"])
