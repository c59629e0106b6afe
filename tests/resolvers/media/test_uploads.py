"""Uploads: the target takes the announced bytes alone, once; the picture is READY a moment later."""

from io import BytesIO

import pytest
from PIL import Image

from core.ids import MediaId
from datastore.media.storage import MediaStorage, incoming
from schema.values.nodes import NodeType, decode_id
from tests.support.people import sign_up
from tests.support.pictures import CREATE, announced, create_upload, finished, node, png, put, ready, uploaded, urls
from tests.support.service import Service

DESCRIBE = """mutation Describe($id: ID!, $text: String!) { describeMedia(id: $id, altText: $text) {
  media { altText } userErrors { code field message } } }"""


async def test_picture_is_ready_a_moment_after_its_bytes(service: Service) -> None:
    alice = await sign_up(service, "alice")
    media = await ready(alice, png(900, 600), altText=" A red field. ")
    sizes = [(one["size"], one["width"], one["height"], one["contentType"]) for one in media["variants"]]
    assert (media["width"], media["height"], media["altText"], media["failure"]) == (900, 600, "A red field.", None)
    assert sizes == [
        ("THUMBNAIL", 150, 100, "image/webp"),
        ("SMALL", 680, 453, "image/webp"),
        ("LARGE", 900, 600, "image/webp"),
    ]
    for variant in media["variants"]:
        answer = await service.http.get(variant["url"])
        picture = Image.open(BytesIO(answer.content))
        assert (answer.status_code, len(answer.content)) == (200, variant["byteLength"])
        assert (picture.format, picture.size) == ("WEBP", (variant["width"], variant["height"]))
        assert not picture.getexif()


async def test_target_takes_the_announced_bytes_alone_and_once(service: Service) -> None:
    alice, data = await sign_up(service, "alice"), png()
    made = await create_upload(alice, data)
    target, media_id = made["upload"], made["media"]["id"]
    assert (target["method"], made["media"]["state"]) == ("PUT", "WAITING")
    wrong = [
        (await put(alice, target, data[:-1], **{"Content-Length": str(len(data) - 1)})).status_code,
        (await put(alice, target, data[:-1] + b"!")).status_code,
        (await put(alice, target, data, **{"Content-Type": "image/jpeg"})).status_code,
        (await put(alice, {**target, "url": target["url"][:-1]}, data)).status_code,
    ]
    assert wrong == [400, 400, 415, 403]
    assert (await node(alice, media_id))["state"] == "WAITING"
    assert (await put(alice, target, data)).status_code == 204
    assert (await put(alice, target, data)).status_code in (403, 409)
    assert (await finished(alice, media_id))["state"] == "READY"


async def test_bytes_that_arrive_while_the_picture_is_removed_leave_no_file(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, data = await sign_up(service, "alice"), png()
    made = await create_upload(alice, data)
    media_id = MediaId(decode_id(made["media"]["id"], NodeType.MEDIA))
    write = MediaStorage.put

    async def put_beside_removal(storage: MediaStorage, key: str, content: bytes) -> None:
        await write(storage, key, content)
        await service.stores.media.items.remove(media_id)

    monkeypatch.setattr(MediaStorage, "put", put_beside_removal)
    assert (await put(alice, made["upload"], data)).status_code == 409
    assert await service.stores.media.storage.get(incoming(media_id)) is None


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"contentType": "image/svg+xml"}, ("INVALID", ["input", "contentType"])),
        ({"byteLength": 0}, ("INVALID", ["input", "byteLength"])),
        ({"byteLength": 8_000_001}, ("TOO_LONG", ["input", "byteLength"])),
        ({"sha256": "0" * 63}, ("INVALID", ["input", "sha256"])),
        ({"altText": "a" * 1_001}, ("TOO_LONG", ["input", "altText"])),
    ],
    ids=["kind", "empty", "large", "digest", "alt text"],
)
async def test_upload_is_refused_by_field(
    service: Service, more: dict[str, object], refusal: tuple[str, list[str]]
) -> None:
    alice = await sign_up(service, "alice")
    assert await alice.refused(CREATE, input={**announced(png()), **more}) == [refusal]


async def test_what_is_no_picture_fails_with_a_sentence(service: Service) -> None:
    alice = await sign_up(service, "alice")
    for data, content_type in ((b"<svg/>", "image/png"), (png(), "image/gif"), (png()[:-20], "image/png")):
        media = await finished(alice, await uploaded(alice, data, content_type))
        assert (media["state"], media["variants"]) == ("FAILED", [])
        assert media["failure"].endswith(".")


async def test_picture_is_described_by_its_owner_alone(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    media_id = await uploaded(alice, png())
    assert (await alice.act(DESCRIBE, id=media_id, text="A field."))["media"] == {"altText": "A field."}
    assert await bob.refused(DESCRIBE, id=media_id, text="Mine.") == [("NOT_FOUND", ["id"])]
    assert (await alice.act(DESCRIBE, id=media_id, text=""))["media"] == {"altText": None}


async def test_unused_picture_is_its_owners_alone(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    media = await ready(alice, png())
    assert await node(bob, media["id"]) is None
    signed = urls(media)[0]
    assert (await service.http.get(signed)).status_code == 200
    assert (await service.http.get(signed.partition("?")[0])).status_code == 404
    assert (await service.http.get(signed[:-1])).status_code == 404
