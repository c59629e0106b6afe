"""From a text to the tweet that is stored: what posting and importing have in common."""

from collections.abc import Mapping

from core.devices import UNKNOWN_DEVICE, Device
from core.entities import Entities
from core.fold import tag_key
from core.ids import TweetId, UserId
from core.languages import language_of
from core.text import handle_key
from datastore.items import TweetRecord


def mentioned_keys(entities: Entities) -> list[str]:
    """Handle keys of the mentions, in order; see `UserStore.ids_by_handle`."""
    return [handle_key(mention.handle) for mention in entities.mentions]


def compose_tweet(
    tweet_id: TweetId,
    author_id: UserId,
    text: str,
    *,
    entities: Entities,
    people: Mapping[str, UserId],
    device: Device = UNKNOWN_DEVICE,
) -> TweetRecord:
    """A tweet that answers and quotes nothing. `people` by handle key; who is not among them is mentioned as nobody."""
    return TweetRecord(
        id=tweet_id,
        author_id=author_id,
        text=text,
        conversation_id=tweet_id,
        entities=entities,
        mentioned=tuple(people.get(key) for key in mentioned_keys(entities)),
        tags=tuple(dict.fromkeys(tag_key(hashtag.tag) for hashtag in entities.hashtags)),
        lang=language_of(text, entities, locale=device.locale),
        device=device,
    )
