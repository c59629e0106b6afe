"""Bounds of a viewpoint: one more is refused and changes nothing, what is held may be done again, undoing helps."""

import pytest

from resolvers.graph import bounds
from schema.values.nodes import NodeType, decode_id
from tests.support.people import FOLLOW, UNFOLLOW, Person, sign_up
from tests.support.service import Service

BOUND = 2
BLOCK = "mutation($id: ID!) { block(userId: $id) { user { id } userErrors { code field message } } }"
UNBLOCK = "mutation($id: ID!) { unblock(userId: $id) { user { id } userErrors { code field message } } }"
MUTE = "mutation($id: ID!) { mute(userId: $id) { user { id } userErrors { code field message } } }"
UNMUTE = "mutation($id: ID!) { unmute(userId: $id) { user { id } userErrors { code field message } } }"
TAG = "mutation($name: String!) { followHashtag(name: $name) { hashtag { name } userErrors { code field message } } }"
UNTAG = (
    "mutation($name: String!) { unfollowHashtag(name: $name) { hashtag { name } userErrors { code field message } } }"
)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_FOLLOWED", "MOST_BLOCKED", "MOST_MUTED", "MOST_HASHTAGS"):
        monkeypatch.setattr(bounds, name, BOUND)


async def test_one_follows_blocks_and_mutes_no_more_than_the_bound(service: Service) -> None:
    alice = await sign_up(service, "alice")
    others = [await sign_up(service, "other") for _ in range(BOUND + 1)]
    for do, undo, held in ((FOLLOW, UNFOLLOW, "follows"), (MUTE, UNMUTE, "mutes"), (BLOCK, UNBLOCK, "blocks")):
        for other in (*others[:BOUND], others[0]):
            await alice.act(do, id=other.id)
        await service.settle()
        before = await service.fingerprint()
        assert await alice.refused(do, id=others[BOUND].id) == [("FORBIDDEN", ["userId"])], held
        assert await service.fingerprint() == before
        await alice.act(undo, id=others[0].id)
        await alice.act(do, id=others[BOUND].id)
        assert await count(service, held, alice) == BOUND


async def test_one_follows_no_more_hashtags_than_the_bound(service: Service) -> None:
    alice = await sign_up(service, "alice")
    for name in ("rooks", "crows", "rooks"):
        await alice.act(TAG, name=name)
    assert await alice.refused(TAG, name="jays") == [("FORBIDDEN", ["name"])]
    await alice.act(UNTAG, name="rooks")
    await alice.act(TAG, name="jays")


async def count(service: Service, collection: str, person: Person) -> int:
    number = decode_id(person.id, NodeType.USER)
    own = {"$or": [{"follower": number}, {"user": number}]}
    return int(await service.stores.mongo.collection(collection).count_documents(own))
