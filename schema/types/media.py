"""The Media type: a picture with its variants."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import strawberry

from core.ids import MediaId
from datastore.media.records import MediaSize, MediaState, VariantRecord
from datastore.media.storage import CONTENT_TYPE
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import HydratedItem
from engine import Internable, Results, batch_field, read_field
from resolvers.media.pictures import Picture, address_of, local_pictures, public_pictures
from resolvers.services import Services
from schema.request.context import Info, RequestContext
from schema.types.tweet_state import HydratedTweet
from schema.values import enums  # noqa: F401 - describes states and sizes before they are used
from schema.values.interned import intern_object
from schema.values.nodes import Node, NodeType, decode_id, id_field
from schema.values.scopes import BY_NOTIFICATIONS


@strawberry.type(directives=BY_NOTIFICATIONS, description="One size of a picture, in WebP.")
class MediaVariant:
    size: MediaSize = strawberry.field(description="The size.")
    url: str = strawberry.field(
        description="Where it is served; for 10 to 15 minutes if the picture is not everybody's, then ask again."
    )
    width: int = strawberry.field(description="Pixels.")
    height: int = strawberry.field(description="Pixels.")
    content_type: str = strawberry.field(description="image/webp.")
    byte_length: int = strawberry.field(description="Bytes.")


@strawberry.type(directives=BY_NOTIFICATIONS, description="A picture.")
class Media(Node, Internable):
    picture: strawberry.Private[Picture]
    served_at: strawberry.Private[str]
    id: strawberry.ID = id_field(NodeType.MEDIA, "picture.record.id")

    state = read_field("picture.record.state", MediaState, description="Whether it can be shown.")
    failure = read_field("picture.record.failure", str | None, description="Why it FAILED, for its owner.")
    alt_text = read_field("picture.record.alt_text", str | None, description="Description, up to 1,000 characters.")
    blurhash = read_field("picture.record.blurhash", str | None, description="Its colours, to show while it loads.")
    width = read_field("picture.record.width", int | None, description="Pixels of the upright picture, when READY.")
    height = read_field("picture.record.height", int | None, description="Pixels of the upright picture, when READY.")

    variants: list[MediaVariant] = strawberry.field(
        directives=BY_NOTIFICATIONS, description="Its sizes, smallest first; empty until it is READY."
    )


_interned_media = OrderedDict[MediaId, Media]()


def present_picture(services: Services, picture: Picture) -> Media:
    """One that everybody may see is presented once for all: its addresses do not change."""
    if not picture.is_public:
        return _present(services, picture)
    known = _interned_media.get(picture.record.id)
    if known is not None and known.picture.record is picture.record and known.served_at == services.served_at.url:
        return known
    return intern_object(_interned_media, picture.record.id, _present(services, picture))


def _present(services: Services, picture: Picture) -> Media:
    made = {one.size: one for one in picture.record.variants}
    variants = [_variant(services, picture, made[size]) for size in MediaSize if size in made]
    return Media(picture=picture, served_at=services.served_at.url, variants=variants)


def _variant(services: Services, picture: Picture, made: VariantRecord) -> MediaVariant:
    return MediaVariant(
        size=made.size,
        url=address_of(services, picture, made.size),
        width=made.width,
        height=made.height,
        content_type=CONTENT_TYPE,
        byte_length=made.byte_length,
    )


def decode_media_id(media_id: str) -> MediaId:
    """Raises BadInputError for anything but a picture's id."""
    return MediaId(decode_id(media_id, NodeType.MEDIA))


def media_field() -> Any:  # noqa: ANN401 - a field of Tweet
    @batch_field(
        preloaded_at="hydrated",
        preloaded_if=_has_public_pictures,
        presented_by=_present_public_pictures,
        directives=BY_NOTIFICATIONS,
        description="Its pictures, at most 4, in the order given.",
    )
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[list[Media]]:
        read = [(tweet.record, tweet.hydrated.author if tweet.hydrated else None) for tweet in tweets]
        return _pictures_of_tweets(info, read)

    return resolve


def _pictures_of_tweets(info: Info, tweets: Sequence[tuple[TweetRecord, UserRecord | None]]) -> Results[list[Media]]:
    """The pictures of each tweet, at once where this process knows all; authors are None unless they were just read."""
    shown = local_pictures(info.context.stores.media, tweets, info.context.since)
    if shown is None:
        return load_pictures(info, [tweet.media for tweet, _ in tweets])
    services = info.context.services
    return [[present_picture(services, picture) for picture in pictures] for pictures in shown]


def _has_public_pictures(shown: HydratedItem) -> bool:
    """Whether all pictures of the item's tweet, if any, are known and everybody's."""
    return public_pictures(shown) is not None


def _present_public_pictures(shown: HydratedItem, context: RequestContext) -> list[Media]:
    """For an item that `_has_public_pictures`; the same for all viewers."""
    return [present_picture(context.services, picture) for picture in public_pictures(shown) or ()]


async def load_pictures(info: Info, lists: Sequence[Sequence[MediaId]]) -> list[list[Media]]:
    """The pictures of each list of ids; one that is gone is left out."""
    loader = info.context.pictures
    await loader.load_many([one for ids in lists for one in ids])
    found = [[loader.loaded[one] for one in ids] for ids in lists]
    return [
        [present_picture(info.context.services, picture) for picture in pictures if picture is not None]
        for pictures in found
    ]
