"""Pictures of the tests, and their uploads as a client does them."""

import hashlib
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image

from core.ids import MediaId, UserId
from datastore.media.records import MediaRecord, MediaSize, MediaState, Processed, VariantRecord
from schema.values.nodes import NodeType, decode_id, global_id
from tests.support.people import Person
from tests.support.waiting import eventually

CREATE = """mutation Create($input: UploadInput!) { createUpload(input: $input) {
  media { id state altText } upload { method url expiresAt headers { name value } }
  userErrors { code field message } } }"""
MEDIA = """query Media($id: ID!) { node(id: $id) { ... on Media {
  id state failure altText blurhash width height variants { size url width height contentType byteLength } } } }"""


@cache
def png(width: int = 40, height: int = 30, colour: tuple[int, int, int] = (200, 30, 60)) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def announced(data: bytes, content_type: str = "image/png", **more: Any) -> dict[str, Any]:
    """Input of createUpload for these bytes; `more` overrides fields."""
    digest = hashlib.sha256(data).hexdigest()
    return {"contentType": content_type, "byteLength": len(data), "sha256": digest, **more}


async def create_upload(person: Person, data: bytes, content_type: str = "image/png", **more: Any) -> dict[str, Any]:
    return await person.act(CREATE, input=announced(data, content_type, **more))


async def put(person: Person, target: dict[str, Any], data: bytes, **headers: str) -> httpx.Response:
    given = {header["name"]: header["value"] for header in target["headers"]}
    return await person.service.http.put(target["url"], content=data, headers={**given, **headers})


async def uploaded(person: Person, data: bytes, content_type: str = "image/png", **more: Any) -> str:
    """Returns the picture's id once its bytes have arrived."""
    made = await create_upload(person, data, content_type, **more)
    answer = await put(person, made["upload"], data)
    assert answer.status_code == 204, answer.text
    media_id: str = made["media"]["id"]
    return media_id


async def ready(person: Person, data: bytes, content_type: str = "image/png", **more: Any) -> dict[str, Any]:
    """Uploads a picture and returns it once it is READY."""
    media_id = await uploaded(person, data, content_type, **more)
    media = await finished(person, media_id)
    assert media["state"] == "READY", media
    return media


async def without_files(person: Person) -> str:
    """The id of a READY picture of theirs, for tests that look at its address alone: nothing is uploaded or made."""
    media = person.service.stores.media.items
    media_id, owner = MediaId(person.service.stores.ids()), UserId(decode_id(person.id, NodeType.USER))
    await media.insert(MediaRecord(media_id, owner, MediaState.PROCESSING, "image/png", 1, "", f"{media_id:x}"))
    variants = tuple(VariantRecord(size, 40, 30, 1) for size in MediaSize)
    await media.processed(media_id, Processed(40, 30, "", variants))
    return str(global_id(NodeType.MEDIA, media_id))


async def finished(person: Person, media_id: str) -> dict[str, Any]:
    async def is_finished() -> bool:
        return (await node(person, media_id))["state"] in ("READY", "FAILED")

    await eventually(is_finished, within=30.0)
    return await node(person, media_id)


async def node(person: Person, media_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await person.ask(MEDIA, id=media_id))["node"]
    return found


def number_of(media: dict[str, Any]) -> str:
    """The picture's number, which its addresses begin with."""
    return urlsplit(urls(media)[0]).path.split("/")[2]


def urls(media: dict[str, Any]) -> list[str]:
    return [variant["url"] for variant in media["variants"]]
