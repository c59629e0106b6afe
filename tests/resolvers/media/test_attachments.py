"""Pictures of tweets and profiles: what may be attached, who sees it, and when its address ends."""

from typing import Any

from tests.support.people import DELETE, POST, Person, sign_up
from tests.support.pictures import node, number_of, png, ready, uploaded, urls
from tests.support.service import Service
from tests.support.waiting import eventually

TWEET = """query Tweet($id: ID!) { tweet(id: $id) { text media {
  id state altText variants { size url width height contentType byteLength } } } }"""
UPDATE = """mutation Update($input: UpdateProfileInput!) { updateProfile(input: $input) {
  user { avatarUrl bannerUrl } userErrors { code field message } } }"""
FOUND = "query Found($query: String!) { searchTweets(query: $query) { edges { node { id } } } }"


async def media_of(person: Person, tweet_id: str) -> list[dict[str, Any]]:
    tweet = (await person.ask(TWEET, id=tweet_id))["tweet"]
    media: list[dict[str, Any]] = tweet["media"]
    return media


async def until_gone(service: Service, url: str) -> None:
    async def is_gone() -> bool:
        return (await service.http.get(url)).status_code == 404

    await eventually(is_gone)


async def test_tweet_shows_its_pictures_in_the_order_given(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    pictures = [(await ready(alice, png(colour=(shade, 0, 0))))["id"] for shade in (10, 20, 30, 40)]
    tweet_id = await alice.post("", media=pictures[::-1])
    shown = await media_of(bob, tweet_id)
    assert [one["id"] for one in shown] == pictures[::-1]
    answer = await service.http.get(urls(shown[0])[0])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert "immutable" in answer.headers["cache-control"]
    for query in ("has:media", "has:images"):
        found = await bob.ask(FOUND, query=f"{query} from:{alice.handle}")
        assert [edge["node"]["id"] for edge in found["searchTweets"]["edges"]] == [tweet_id]


async def test_pictures_that_cannot_be_attached_are_refused_and_nothing_is_posted(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    own, foreign = (await ready(alice, png()))["id"], (await ready(bob, png()))["id"]
    used = (await ready(alice, png()))["id"]
    await alice.post("used", media=[used])
    wrong = [
        ([own, own], ("INVALID", ["input", "media"])),
        ([own, foreign], ("NOT_FOUND", ["input", "media"])),
        ([own, used], ("NOT_FOUND", ["input", "media"])),
        ([own] * 5, ("TOO_LONG", ["input", "media"])),
    ]
    for pictures, refusal in wrong:
        assert await alice.refused(POST, input={"text": "x", "media": pictures}) == [refusal]
    assert await alice.refused(POST, input={"text": ""}) == [("INVALID", ["input", "text"])]
    assert (await media_of(bob, await alice.post("now", media=[own])))[0]["id"] == own


async def test_tweet_stands_at_once_with_a_picture_that_is_being_processed(service: Service) -> None:
    alice = await sign_up(service, "alice")
    tweet_id = await alice.post("soon", media=[await uploaded(alice, png())])

    async def is_ready() -> bool:
        return [one["state"] for one in await media_of(alice, tweet_id)] == ["READY"]

    await eventually(is_ready, within=20.0)


async def test_idempotency_key_covers_the_pictures(service: Service) -> None:
    alice = await sign_up(service, "alice")
    first, second = (await ready(alice, png()))["id"], (await ready(alice, png()))["id"]
    posting = {"text": "once", "idempotencyKey": "key", "media": [first]}
    tweet_id = (await alice.act(POST, input=posting))["tweet"]["id"]
    assert (await alice.act(POST, input=posting))["tweet"]["id"] == tweet_id
    refused = await alice.refused(POST, input={**posting, "media": [second]})
    assert refused == [("CONFLICT", ["input", "idempotencyKey"])]
    assert [one["id"] for one in await media_of(alice, await alice.post("then", media=[second]))] == [second]


async def test_address_ends_with_the_tweet_and_the_files_go(service: Service) -> None:
    alice = await sign_up(service, "alice")
    media = await ready(alice, png())
    tweet_id = await alice.post("gone soon", media=[media["id"]])
    (shown,) = await media_of(alice, tweet_id)
    assert (await service.http.get(urls(shown)[0])).status_code == 200
    await alice.act(DELETE, id=tweet_id)
    await until_gone(service, urls(shown)[0])
    storage, media_id = service.stores.media.storage, number_of(shown)

    async def has_no_files() -> bool:
        return [file.key async for file in storage.files(media_id)] == []

    await eventually(has_no_files)
    assert await node(alice, media["id"]) is None


async def test_protected_pictures_are_signed_and_a_protection_ends_the_address_of_before(service: Service) -> None:
    alice, bob, carol = [await sign_up(service, name) for name in ("alice", "bob", "carol")]
    await bob.follow(alice)
    tweet_id = await alice.post("ours", media=[(await ready(alice, png()))["id"]])
    (public,) = urls((await media_of(carol, tweet_id))[0])[:1]
    await alice.act(UPDATE, input={"isProtected": True})
    await until_gone(service, public)
    (shown,) = await media_of(bob, tweet_id)
    answer = await service.http.get(urls(shown)[0])
    assert (answer.status_code, "private" in answer.headers["cache-control"]) == (200, True)
    assert (await carol.ask(TWEET, id=tweet_id))["tweet"] is None
    assert await node(carol, shown["id"]) is None
    await alice.act(UPDATE, input={"isProtected": False})
    assert (await service.http.get(public)).status_code == 200


async def test_profile_shows_a_picture_and_replaces_it(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    first, second = await ready(alice, png()), await ready(alice, png(colour=(1, 2, 3)))
    user = (await alice.act(UPDATE, input={"avatar": first["id"], "banner": second["id"]}))["user"]
    assert [(await service.http.get(user[name])).status_code for name in ("avatarUrl", "bannerUrl")] == [200, 200]
    third = await ready(alice, png(colour=(9, 9, 9)))
    replaced = (await alice.act(UPDATE, input={"avatar": third["id"]}))["user"]
    assert replaced["bannerUrl"] == user["bannerUrl"]
    await until_gone(service, user["avatarUrl"])
    assert (await service.http.get(replaced["avatarUrl"])).status_code == 200
    foreign = (await ready(bob, png()))["id"]
    assert await alice.refused(UPDATE, input={"avatar": foreign}) == [("NOT_FOUND", ["input", "avatar"])]
    cleared = (await alice.act(UPDATE, input={"avatar": None, "banner": None}))["user"]
    assert cleared == {"avatarUrl": None, "bannerUrl": None}
    await until_gone(service, replaced["avatarUrl"])


PARTS: list[tuple[str, int, slice]] = [
    ("bytes=0-9", 206, slice(0, 10)),
    ("bytes=-5", 206, slice(-5, None)),
    ("bytes=10-", 206, slice(10, None)),
    ("bytes=0-4,9-12", 200, slice(None)),
    ("lines=1-2", 200, slice(None)),
    ("bytes=999999-", 416, slice(0, 0)),
]


async def test_parts_are_served(service: Service) -> None:
    alice = await sign_up(service, "alice")
    url = urls(await ready(alice, png()))[0]
    whole = await service.http.get(url)
    for header, status, part in PARTS:
        answer = await service.http.get(url, headers={"range": header})
        assert (header, answer.status_code, answer.content) == (header, status, whole.content[part])
    answer = await service.http.get(url, headers={"if-none-match": whole.headers["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")
    answer = await service.http.get(url, headers={"range": "bytes=0-9", "if-range": '"another"'})
    assert (answer.status_code, answer.content) == (200, whole.content)
