"""searchHashtags: by the beginning, most used of the last 7 days first, by public tweets that the viewer may see."""

import pytest

from core.ids import first_id_of, wall_ms
from core.trends.scoring import DAY_MS
from resolvers.trends import hashtag_search
from tests.support.people import DELETE, Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEARCH = "query($prefix: String!, $first: Int!) { searchHashtags(prefix: $prefix, first: $first) { name } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code field } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code field } } }"


async def found(viewer: Person, prefix: str, first: int = 10) -> list[str]:
    answer = await viewer.ask(SEARCH, prefix=prefix, first=first)
    return [hashtag["name"] for hashtag in answer["searchHashtags"]]


async def test_most_used_come_first_in_their_common_spelling(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    for text in ("#Zürich1 #zürich2", "#Zürich1 again #ZURICH1", "#zurich1x only #Zürich1"):
        await alice.post(text)
    await bob.post("#zurich1x #ZÜRICH1X and #other")
    for prefix in ("zür", "#ZUR", " ＃zur", "Zurich1"):
        wanted = ["Zürich1", "zurich1x"] + ([] if prefix == "Zurich1" else ["zürich2"])
        assert (prefix, await found(alice, prefix)) == (prefix, wanted)
    assert await found(alice, "zur", 1) == ["Zürich1"]
    assert "Zürich1" in await found(alice, "", 100)
    for nothing in ("zur ich", "zzzzzz", "#", "\0", "z" * 5_000, "@zur", "😀"):
        assert "Zürich1" not in await found(alice, nothing) or nothing == "#"
    for first in (0, 101):
        assert await alice.failed(SEARCH, prefix="z", first=first) == ["BAD_USER_INPUT"]
    assert await alice.failed(SEARCH, prefix=None, first=1) == ["BAD_USER_INPUT"]


async def test_hidden_old_and_deleted_tweets_tell_nothing(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    await bob.follow(alice)
    await alice.post("#secretplan")
    await carol.post("#secretcarol")
    gone = await bob.post("#secretgone")
    old = await bob.post("#secretold")
    await bob.act(DELETE, id=gone)
    tweets = shared_service.stores.mongo.collection("tweets")
    row = await tweets.find_one_and_delete({"text": "#secretold"})
    await tweets.insert_one({**row, "_id": first_id_of(wall_ms() - 8 * DAY_MS)})
    assert old
    assert await found(bob, "secret") == ["secretcarol", "secretplan"]
    await alice.ask(PROTECT)
    await carol.act(BLOCK, id=bob.id)
    assert await found(bob, "secret") == []
    assert await found(carol, "secret") == ["secretcarol"]


async def test_very_many_uses_are_told_by_those_of_the_last_day(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    for who, text in ((alice, "#manyb #manya"), (bob, "#manyb"), (alice, "#manyb")):
        await who.post(text)
    monkeypatch.setattr(hashtag_search, "_MOST_USES", 2)

    async def both_are_counted() -> bool:
        return len(await found(alice, "many")) == 2

    await eventually(both_are_counted)
    assert sorted(await found(alice, "many")) == ["manya", "manyb"]
