"""Tweet factory: builds records and documents of tweets, for posting and for imports alike."""

from collections.abc import Mapping

import msgspec

from core.devices import UNKNOWN_DEVICE, Device
from core.ids import TweetId, UserId
from core.reply_audience import ReplyAudience
from core.text.entities import Entities
from core.text.fold import tag_key
from core.text.languages import language_of
from core.text.text import handle_key
from datastore.mongo.client import Document
from datastore.records.items import TweetRecord
from datastore.tweets.terms import terms_of


def mentioned_keys(entities: Entities) -> list[str]:
    """Handle keys of the mentions in order, for `UserStore.ids_by_handle`."""
    return [handle_key(mention.handle) for mention in entities.mentions]


def build_tweet(
    tweet_id: TweetId,
    author_id: UserId,
    text: str,
    *,
    entities: Entities,
    mentioned_ids: Mapping[str, UserId],
    device: Device = UNKNOWN_DEVICE,
) -> TweetRecord:
    """A tweet that is neither reply nor quote. Handles missing in `mentioned_ids` become None in `mentioned`."""
    return TweetRecord(
        id=tweet_id,
        author_id=author_id,
        text=text,
        conversation_id=tweet_id,
        entities=entities,
        mentioned=tuple(mentioned_ids.get(key) for key in mentioned_keys(entities)),
        tags=tuple(dict.fromkeys(tag_key(hashtag.tag) for hashtag in entities.hashtags)),
        lang=language_of(text, entities, locale=device.locale),
        device=device,
    )


def to_document(tweet: TweetRecord) -> Document:
    """The document of a tweet that has just been posted."""
    return {
        "_id": tweet.id,
        "author": tweet.author_id,
        "text": tweet.text,
        "conversation": tweet.conversation_id,
        "entities": msgspec.to_builtins(tweet.entities),
        "mentioned": list(tweet.mentioned),
        "tags": list(tweet.tags),
        "reply_to": tweet.reply_to,
        "reply_to_author": tweet.reply_to_author,
        "quoted": tweet.quoted_id,
        "lang": tweet.lang,
        "device": msgspec.to_builtins(tweet.device),
        "counts": {"likes": 0, "retweets": 0, "quotes": 0, "replies": 0},
        "score": 0,
        "ancestors": [],
        "terms": terms_of(tweet),
        **({"media": list(tweet.media)} if tweet.media else {}),
        **({"quotedEdit": tweet.quoted_edit} if tweet.quoted_edit is not None else {}),
        **({"warning": tweet.content_warning} if tweet.content_warning is not None else {}),
        **({"isSensitive": True} if tweet.is_sensitive else {}),
        **({"audience": str(tweet.reply_audience)} if tweet.reply_audience is not ReplyAudience.EVERYONE else {}),
    }
