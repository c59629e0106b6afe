"""The Media type: a picture with its variants."""

from collections.abc import Sequence

import strawberry

from core.ids import MediaId
from datastore.media.records import MediaSize, MediaState, VariantRecord
from engine import read_field
from resolvers.media.pictures import Picture, address_of
from schema.request.context import Info
from schema.values import enums  # noqa: F401 - describes states and sizes before they are used
from schema.values.nodes import Node, NodeType, decode_id, id_field


@strawberry.type(description="One size of a picture, in WebP.")
class MediaVariant:
    size: MediaSize = strawberry.field(description="The size.")
    url: str = strawberry.field(
        description="Where it is served; for 10 to 15 minutes if the picture is not everybody's, then ask again."
    )
    width: int = strawberry.field(description="Pixels.")
    height: int = strawberry.field(description="Pixels.")
    content_type: str = strawberry.field(description="image/webp.")
    byte_length: int = strawberry.field(description="Bytes.")


@strawberry.type(description="A picture.")
class Media(Node):
    picture: strawberry.Private[Picture]
    id: strawberry.ID = id_field(NodeType.MEDIA, "picture.record.id")

    state = read_field("picture.record.state", MediaState, description="Whether it can be shown.")
    failure = read_field("picture.record.failure", str | None, description="Why it FAILED, for its owner.")
    alt_text = read_field("picture.record.alt_text", str | None, description="Description, up to 1,000 characters.")
    blurhash = read_field("picture.record.blurhash", str | None, description="Its colours, to show while it loads.")
    width = read_field("picture.record.width", int | None, description="Pixels of the upright picture, when READY.")
    height = read_field("picture.record.height", int | None, description="Pixels of the upright picture, when READY.")

    @strawberry.field(description="Its sizes, smallest first; empty until it is READY.")
    def variants(self, info: Info) -> list[MediaVariant]:
        made = {one.size: one for one in self.picture.record.variants}
        return [self._variant(info, made[size]) for size in MediaSize if size in made]

    def _variant(self, info: Info, made: VariantRecord) -> MediaVariant:
        return MediaVariant(
            size=made.size,
            url=address_of(info.context.services, self.picture, made.size),
            width=made.width,
            height=made.height,
            content_type="image/webp",
            byte_length=made.byte_length,
        )


def present_picture(picture: Picture) -> Media:
    return Media(picture=picture)


def decode_media_id(media_id: str) -> MediaId:
    """Raises BadInputError for anything but a picture's id."""
    return MediaId(decode_id(media_id, NodeType.MEDIA))


async def load_pictures(info: Info, lists: Sequence[Sequence[MediaId]]) -> list[list[Media]]:
    """The pictures of each list of ids; one that is gone is left out."""
    loader = info.context.pictures
    await loader.load_many([one for ids in lists for one in ids])
    found = [[loader.loaded[one] for one in ids] for ids in lists]
    return [[present_picture(picture) for picture in pictures if picture is not None] for pictures in found]
