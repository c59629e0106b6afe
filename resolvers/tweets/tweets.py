"""Posting, deleting and reading tweets."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from core.devices import UNKNOWN_DEVICE, Device
from core.errors import RefusalError, UserErrorCode
from core.ids import MediaId, TweetId, UserId, ms_of, wall_ms
from core.limits import LimitedAct
from core.reply_audience import ReplyAudience
from core.text.entities import extract_entities
from core.text.text import clean_caption, clean_content_warning, clean_tweet_text
from datastore.hydration import hydrate_ids
from datastore.jobs.jobs import FanOut, Job, Retract
from datastore.records.items import ItemKind, ItemRecord, TweetCounts, TweetRecord
from datastore.timelines.rules import may_see
from datastore.tweets.factory import build_tweet, mentioned_keys
from datastore.tweets.store import KeyUsedError, PostKey, post_notice, unpost_notice
from datastore.tweets.stores import TweetStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.limits.admission import admitted, charges_for
from resolvers.limits.mentions import mention_charges
from resolvers.media.attachments import attached, check_attachments
from resolvers.moderation.holding import screened
from resolvers.services import Services
from resolvers.tweets.audiences import ensure_may_reply
from resolvers.viewpoints import viewpoint_of
from resolvers.visibility import public_tweet, visible_tweet


@dataclass(frozen=True, slots=True)
class Posting:
    """The input of a new tweet."""

    text: str
    in_reply_to: TweetId | None = None
    quoted: TweetId | None = None
    device: Device = UNKNOWN_DEVICE
    idempotency_key: str | None = None
    media: tuple[MediaId, ...] = ()
    content_warning: str | None = None
    is_sensitive: bool = False
    reply_audience: ReplyAudience = ReplyAudience.EVERYONE


async def post_tweet(services: Services, identity: Identity, posting: Posting) -> TweetRecord:
    """Idempotent under an idempotency key: returns the tweet posted before with it.

    Raises RefusalError, RateLimitedError after too many posts or mentions.
    """
    cleaned, post_key = _cleaned(posting), _post_key(identity.user_id, posting)
    try:
        before = post_key and await services.stores.tweets.items.get_id_by_key(post_key)
        if before:
            return await _posted_before(services, before)
        held = await screened(services, await _compose(services, identity, cleaned))
        tweet = held.tweet
        charges = charges_for(services.act_limits, identity, LimitedAct.POST)
        charges += await mention_charges(services, identity, tweet)
        async with admitted(services, *charges), attached(services.stores.media, tweet):
            await services.stores.tweets.items.insert(tweet, post_key, held.also)
    except KeyUsedError as used:
        if used.is_same:
            return await _posted_before(services, used.tweet_id)
        raise RefusalError.of(
            UserErrorCode.CONFLICT, "This key served for another tweet.", "input", "idempotencyKey"
        ) from None
    await _acknowledge(services, tweet, *held.jobs)
    return tweet


async def delete_tweet(services: Services, identity: Identity, tweet_id: TweetId) -> TweetId:
    """Raises RefusalError NOT_FOUND for an unknown tweet and for another user's."""
    act = Retract(services.stores.ids(), tweet_id, identity.user_id, ItemKind.TWEET)
    if not await services.stores.tweets.items.delete(act):
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "You have no such tweet.", "id")
    await services.stores.users.counts.invalidate(identity.user_id)
    await try_enqueue(services.stores, act, unpost_notice(act))
    return tweet_id


async def visible_items(
    services: Services, identity: Identity | None, ids: Sequence[TweetId]
) -> list[ItemRecord | None]:
    """Tweets and retweets in the order given; None for one that does not exist, or that the viewer may not see."""
    view = await viewpoint_of(services.stores.users, identity)
    found = await hydrate_ids(services.stores, view, ids)
    return [shown.item if shown is not None and may_see(view, shown) else None for shown in found]


async def wait_past(item_id: TweetId) -> None:
    """Returns once every process on this machine makes later ids than this one."""
    ahead_ms = ms_of(item_id) - wall_ms()
    if ahead_ms >= 0:
        await asyncio.sleep((ahead_ms + 1) / 1000)


async def counts_of(tweets: TweetStores, ids: Sequence[TweetId]) -> list[TweetCounts]:
    return await tweets.counts.get_many(ids)


def _cleaned(posting: Posting) -> Posting:
    """With text and warning as they are stored. Raises RefusalError with every invalid field."""
    errors = InputErrors()
    text = errors.clean("text", clean_caption if posting.media else clean_tweet_text, posting.text)
    warning = posting.content_warning
    if warning is not None:
        warning = errors.clean("contentWarning", clean_content_warning, warning)
    check_attachments(errors, posting.media)
    errors.check_key("idempotencyKey", posting.idempotency_key)
    errors.raise_if_any()
    return replace(posting, text=text, content_warning=warning)


async def _compose(services: Services, identity: Identity, posting: Posting) -> TweetRecord:
    """`posting` has clean texts."""
    tweet_id = TweetId(services.stores.ids())
    entities = extract_entities(posting.text)
    parent = quoted = None
    if posting.in_reply_to is not None:
        parent = await visible_tweet(services.stores, identity, posting.in_reply_to, "input", "inReplyTo")
        await ensure_may_reply(services, identity, parent, "input", "inReplyTo")
    if posting.quoted is not None:
        quoted = await public_tweet(services, identity, posting.quoted, "input", "quoted")
    mentioned_ids = await services.stores.users.accounts.ids_by_handle(mentioned_keys(entities))
    return msgspec.structs.replace(
        build_tweet(
            tweet_id,
            identity.user_id,
            posting.text,
            entities=entities,
            mentioned_ids=mentioned_ids,
            device=posting.device,
        ),
        conversation_id=parent.conversation_id if parent else tweet_id,
        reply_to=parent.id if parent else None,
        reply_to_author=parent.author_id if parent else None,
        quoted_id=quoted.id if quoted else None,
        quoted_edit=quoted.edit_id if quoted else None,
        media=posting.media,
        content_warning=posting.content_warning,
        is_sensitive=posting.is_sensitive,
        reply_audience=posting.reply_audience,
    )


async def _posted_before(services: Services, tweet_id: TweetId) -> TweetRecord:
    """Enqueues its jobs again if they are not done: the process of the first attempt may have been killed.

    Then the tweet is fanned out before the next one, and not only when the sweeper finds it.
    """
    tweet = await services.stores.tweets.items.get(tweet_id)
    if not isinstance(tweet, TweetRecord):
        raise RefusalError.of(
            UserErrorCode.CONFLICT, "This key posted a tweet that is deleted.", "input", "idempotencyKey"
        )
    if await services.stores.jobs.outbox.is_pending(_fan_out(tweet)):
        await _acknowledge(services, tweet)
    return tweet


async def _acknowledge(services: Services, tweet: TweetRecord, *more: Job) -> None:
    users, notice = services.stores.users, post_notice(tweet)
    jobs = [_fan_out(tweet), *more] if notice is None else [_fan_out(tweet), notice, *more]
    await asyncio.gather(
        users.counts.invalidate(tweet.author_id),
        users.pending_counts.enqueue(tweet.author_id),
        try_enqueue(services.stores, *jobs),
    )
    await wait_past(tweet.id)


def _fan_out(tweet: TweetRecord) -> FanOut:
    return FanOut(tweet.id, tweet.author_id)


def _post_key(user_id: UserId, posting: Posting) -> PostKey | None:
    if posting.idempotency_key is None:
        return None
    content: tuple[object, ...] = (posting.text, posting.in_reply_to, posting.quoted)
    content += (posting.media,) if posting.media else ()
    shown = posting.content_warning, posting.is_sensitive, posting.reply_audience
    content += (shown,) if shown != (None, False, ReplyAudience.EVERYONE) else ()
    return PostKey(user_id, posting.idempotency_key, sha256(msgspec.msgpack.encode(content)).digest())
