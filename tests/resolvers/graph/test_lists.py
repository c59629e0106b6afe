"""Lists of people: what their owner may do, who sees them, what reaches them from outside, and bad input."""

import asyncio
from typing import Any

import pytest

from datastore.graph.lists import MOST_LISTS, MOST_MEMBERS
from schema.types.users import decode_user_id
from tests.support.people import FOLLOW, Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ERRORS = "userErrors { code field message }"
SHOWN = "id name description isPrivate memberCount owner { handle } members(first: 100) { edges { node { handle } } }"
CREATE = f"mutation($input: ListInput!) {{ createList(input: $input) {{ list {{ {SHOWN} }} {ERRORS} }} }}"
UPDATE = f"""mutation($id: ID!, $input: UpdateListInput!) {{ updateList(id: $id, input: $input) {{
  list {{ {SHOWN} }} {ERRORS} }} }}"""
REMOVE_LIST = f"mutation($id: ID!) {{ deleteList(id: $id) {{ deletedId {ERRORS} }} }}"
ADD = f"mutation($id: ID!, $userId: ID!) {{ addToList(id: $id, userId: $userId) {{ list {{ {SHOWN} }} {ERRORS} }} }}"
TAKE = f"""mutation($id: ID!, $userId: ID!) {{ removeFromList(id: $id, userId: $userId) {{
  list {{ {SHOWN} }} {ERRORS} }} }}"""
READ = f"query($id: ID!) {{ list(id: $id) {{ {SHOWN} }} node(id: $id) {{ id }} }}"
OWN = """query($first: Int!, $after: String) { viewer { lists(first: $first, after: $after) {
  edges { node { id } } pageInfo { hasNextPage endCursor } } } }"""
TIMELINE = """query($id: ID!, $first: Int!, $after: String, $before: String) { list(id: $id) {
  timeline(first: $first, after: $after, before: $before) { state headCursor
    edges { cursor reason node { ... on Tweet { id text } ... on Retweet { id tweet { text } } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
BACKWARD = TIMELINE.replace("$first: Int!", "$last: Int!").replace("first: $first", "last: $last")
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
UNBLOCK = "mutation($id: ID!) { unblock(userId: $id) { userErrors { code } } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"
DELETE = 'mutation { deleteAccount(password: "correct horse") { userErrors { code } } }'


async def made(owner: Person, *members: Person, **more: Any) -> str:
    """The id of a new list."""
    created: dict[str, Any] = (await owner.act(CREATE, input={"name": "Birds", **more}))["list"]
    for member in members:
        await owner.act(ADD, id=created["id"], userId=member.id)
    list_id: str = created["id"]
    return list_id


async def seen(viewer: Person | None, service: Service, list_id: str) -> Any:
    answer = await service.ask(READ, {"id": list_id}, None if viewer is None else viewer.token)
    assert "errors" not in answer, answer
    assert (answer["data"]["list"] is None) == (answer["data"]["node"] is None)
    return answer["data"]["list"]


async def members(owner: Person, list_id: str) -> list[str]:
    found = await seen(owner, owner.service, list_id)
    handles = [edge["node"]["handle"] for edge in found["members"]["edges"]]
    assert found["memberCount"] == len(handles)
    return handles


async def texts(viewer: Person, list_id: str) -> list[str]:
    edges = (await viewer.ask(TIMELINE, id=list_id, first=100))["list"]["timeline"]["edges"]
    return [edge["node"].get("text") or edge["node"]["tweet"]["text"] for edge in edges]


async def test_list_is_made_changed_and_deleted(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    created = (await alice.act(CREATE, input={"name": "  Birds ", "description": "Of all sorts"}))["list"]
    assert (created["name"], created["description"], created["isPrivate"]) == ("Birds", "Of all sorts", False)
    assert (created["memberCount"], created["owner"]["handle"]) == (0, alice.handle)
    list_id = created["id"]
    for _ in range(2):
        assert (await alice.act(ADD, id=list_id, userId=bob.id))["list"]["memberCount"] == 1
    await alice.act(ADD, id=list_id, userId=alice.id)
    assert await members(alice, list_id) == [alice.handle, bob.handle]
    changed = (await alice.act(UPDATE, id=list_id, input={"name": "Rooks", "description": None}))["list"]
    assert (changed["name"], changed["description"], changed["memberCount"]) == ("Rooks", None, 2)
    assert (await alice.act(UPDATE, id=list_id, input={}))["list"] == changed
    for _ in range(2):
        assert (await alice.act(TAKE, id=list_id, userId=bob.id))["list"]["memberCount"] == 1
    second = await made(alice)
    first_page = (await alice.ask(OWN, first=1))["viewer"]["lists"]
    assert [edge["node"]["id"] for edge in first_page["edges"]] == [second]
    rest = (await alice.ask(OWN, first=5, after=first_page["pageInfo"]["endCursor"]))["viewer"]["lists"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == [list_id]
    assert await alice.act(REMOVE_LIST, id=list_id) == {"deletedId": list_id, "userErrors": []}
    assert await seen(alice, shared_service, list_id) is None
    assert await alice.refused(REMOVE_LIST, id=list_id) == [("NOT_FOUND", ["id"])]
    rows = shared_service.stores.mongo.collection("list_members")
    assert await rows.count_documents({"member": decode_user_id(alice.id)}) == 0


async def test_private_list_is_its_owners_alone_and_a_public_one_seen_as_their_tweets(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    public, private = await made(alice, bob), await made(alice, bob, isPrivate=True)
    assert await seen(alice, shared_service, private)
    for other in (bob, carol, None):
        assert await seen(other, shared_service, public)
        assert await seen(other, shared_service, private) is None
    assert await bob.refused(ADD, id=private, userId=carol.id) == [("NOT_FOUND", ["id"])]
    for document in (UPDATE, ADD, TAKE, REMOVE_LIST):
        variables: dict[str, Any] = {UPDATE: {"input": {"name": "Mine"}}, REMOVE_LIST: {}}.get(
            document, {"userId": bob.id}
        )
        assert await bob.refused(document, id=public, **variables) == [("FORBIDDEN", ["id"])]

    await alice.act(UPDATE, id=public, input={"isPrivate": True})
    assert await seen(bob, shared_service, public) is None
    await alice.act(UPDATE, id=public, input={"isPrivate": False})
    await alice.act(BLOCK, id=carol.id)
    assert await seen(carol, shared_service, public) is None
    await bob.act(FOLLOW, id=alice.id)
    await alice.act(PROTECT)
    assert await seen(bob, shared_service, public)
    assert await seen(None, shared_service, public) is None


async def test_block_takes_both_out_of_each_others_lists_for_good(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    hers, his, third = await made(alice, bob, carol), await made(bob, alice), await made(carol, alice, bob)
    await bob.act(BLOCK, id=alice.id)
    assert await members(alice, hers) == [carol.handle]
    assert await members(bob, his) == []
    assert await members(carol, third) == [bob.handle, alice.handle]
    assert await alice.refused(ADD, id=hers, userId=bob.id) == [("FORBIDDEN", ["userId"])]
    assert await bob.refused(ADD, id=his, userId=alice.id) == [("FORBIDDEN", ["userId"])]
    await bob.act(UNBLOCK, id=alice.id)
    assert await members(alice, hers) == [carol.handle]
    await alice.act(ADD, id=hers, userId=bob.id)


async def test_addition_beside_a_block_leaves_no_blocked_member(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    for _ in range(6):
        list_id = await made(alice)
        await asyncio.gather(alice.ask(ADD, id=list_id, userId=bob.id), bob.act(BLOCK, id=alice.id))
        assert await members(alice, list_id) == []
        await bob.act(UNBLOCK, id=alice.id)


async def test_deleted_account_leaves_every_list_and_takes_its_own_along(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    hers, his = await made(alice, bob, alice), await made(bob, alice)
    await bob.act(DELETE)
    await shared_service.settle()
    assert await members(alice, hers) == [alice.handle]
    assert await seen(alice, shared_service, his) is None
    assert await alice.refused(ADD, id=hers, userId=bob.id) == [("NOT_FOUND", ["userId"])]


async def test_timeline_is_that_of_the_members_alone(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    await alice.follow(carol)
    list_id = await made(alice, bob)
    assert await texts(alice, list_id) == []
    first = await bob.post("one by bob")
    await carol.post("one by carol #list")
    await bob.post("an answer to himself", inReplyTo=first)
    await bob.post("an answer to carol", inReplyTo=await carol.post("another by carol"))
    await alice.post("one by alice")
    assert await texts(alice, list_id) == ["an answer to himself", "one by bob"]
    assert await texts(carol, list_id) == ["an answer to himself", "one by bob"]
    await alice.act(ADD, id=list_id, userId=carol.id)
    assert await texts(alice, list_id) == [
        *("an answer to carol", "another by carol", "an answer to himself", "one by carol #list", "one by bob")
    ]
    page = (await alice.ask(TIMELINE, id=list_id, first=2))["list"]["timeline"]
    below = (await alice.ask(TIMELINE, id=list_id, first=9, after=page["pageInfo"]["endCursor"]))["list"]["timeline"]
    assert len(below["edges"]) == 3
    above = await alice.ask(TIMELINE, id=list_id, first=9, before=below["edges"][0]["cursor"])
    assert above["list"]["timeline"]["edges"] == page["edges"]
    nearest = await alice.ask(BACKWARD, id=list_id, last=1, before=below["edges"][0]["cursor"])
    assert nearest["list"]["timeline"]["edges"] == page["edges"][1:]
    for wrong in ({"last": 1}, {"last": 0, "before": below["edges"][0]["cursor"]}):
        assert await alice.failed(BACKWARD, id=list_id, **wrong) == ["BAD_USER_INPUT"]
    assert {edge["reason"] for edge in page["edges"]} == {"FOLLOWING"}


async def test_cursor_serves_no_other_list_of_the_api(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    list_id = await made(alice, alice)
    await alice.post("a cursor")
    await shared_service.settle()
    own = (await alice.ask(TIMELINE, id=list_id, first=1))["list"]["timeline"]["edges"][0]["cursor"]
    home = (await alice.home(1))["edges"][0]["cursor"]
    assert await alice.failed(TIMELINE, id=list_id, first=1, after=home) == ["BAD_CURSOR"]
    assert await alice.failed("query($c: String!) { homeTimeline(after: $c) { state } }", c=own) == ["BAD_CURSOR"]
    assert await alice.failed(TIMELINE, id=list_id, first=0) == ["BAD_USER_INPUT"]
    assert await alice.failed(TIMELINE, id=list_id, first=1, after=own, before=own) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"name": ""}, [("INVALID", ["input", "name"])]),
        ({"name": "  \n "}, [("INVALID", ["input", "name"])]),
        ({"name": "\u200b"}, [("INVALID", ["input", "name"])]),
        ({"name": "n" * 51}, [("TOO_LONG", ["input", "name"])]),
        ({"description": "d" * 161}, [("TOO_LONG", ["input", "description"])]),
        ({"name": "nul\0", "description": "nul\0"}, [("INVALID", ["input", key]) for key in ("name", "description")]),
    ],
)
async def test_wrong_texts_are_refused_and_nothing_is_changed(
    shared_service: Service, change: dict[str, Any], refused: list[tuple[str, list[str]]]
) -> None:
    alice = await sign_up(shared_service, "alice")
    list_id = await made(alice)
    before = await shared_service.fingerprint()
    assert sorted(await alice.refused(CREATE, input={"name": "Birds", **change})) == sorted(refused)
    assert sorted(await alice.refused(UPDATE, id=list_id, input=change)) == sorted(refused)
    assert await alice.refused(UPDATE, id=list_id, input={"isPrivate": None}) == [("INVALID", ["input", "isPrivate"])]
    assert await shared_service.fingerprint() == before


async def test_lists_and_members_beyond_the_most_are_refused(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (MOST_LISTS, MOST_MEMBERS) == (100, 500)
    monkeypatch.setattr("datastore.graph.lists.MOST_MEMBERS", 2)
    monkeypatch.setattr("datastore.graph.lists.MOST_LISTS", 2)
    alice, *others = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol", "dave")]
    list_id, _ = await made(alice, *others[:2]), await made(alice)
    before = await shared_service.fingerprint()
    assert await alice.refused(ADD, id=list_id, userId=others[2].id) == [("CONFLICT", ["userId"])]
    assert await alice.refused(CREATE, input={"name": "Third"}) == [("CONFLICT", ["input"])]
    assert await shared_service.fingerprint() == before
    await alice.act(ADD, id=list_id, userId=others[0].id)
    await alice.act(TAKE, id=list_id, userId=others[0].id)
    adding = [alice.ask(ADD, id=list_id, userId=other.id) for other in (others[0], others[2])]
    added = [answer["addToList"]["list"] for answer in await asyncio.gather(*adding)]
    assert sum(one is not None for one in added) == 1
    assert len(await members(alice, list_id)) == 2
