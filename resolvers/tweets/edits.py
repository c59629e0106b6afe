"""Edits of one's own tweets: within an hour, five times. What changes nothing is no edit."""

from typing import Final

import msgspec

from core.errors import RefusalError, UserErrorCode
from core.ids import MediaId, TweetId, UserId, ms_of, wall_ms
from core.text.entities import Entities, extract_entities
from core.text.text import clean_caption, clean_content_warning, is_blank
from datastore.jobs.jobs import PublishEdit
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.tweets.edits import MOST_EDITS, EditState, Revision, mention_notice
from datastore.tweets.factory import build_tweet, mentioned_keys
from datastore.tweets.stores import TweetStores
from datastore.users.stores import UserStores
from resolvers.ads.campaigns import may_be_shown
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.input_errors import InputErrors
from resolvers.limits.admission import admitted
from resolvers.limits.mentions import mention_charges
from resolvers.media.attachments import attached_more, check_attachments
from resolvers.moderation.holding import refuse_filtered
from resolvers.pages import Page, check_first, page_of
from resolvers.services import Services
from resolvers.tweets.tweets import wait_past
from resolvers.visibility import visible_tweet

EDITABLE_MS: Final = 60 * 60 * 1000
_ATTEMPTS: Final = 5


class _OvertakenError(Exception):
    """Another edit or a decision of moderators came first; nothing was changed."""


class Edit(msgspec.Struct, frozen=True):
    """The input of an edit; what is UNSET stays as it is."""

    tweet_id: TweetId
    text: str
    content_warning: str | msgspec.UnsetType | None = msgspec.UNSET
    is_sensitive: bool | msgspec.UnsetType = msgspec.UNSET
    media: tuple[MediaId, ...] | msgspec.UnsetType = msgspec.UNSET


async def edit_tweet(services: Services, identity: Identity, wanted: Edit) -> TweetRecord:
    """The tweet as it is afterwards. Repeated with the same content it changes nothing more.

    Raises RefusalError, RateLimitedError after too many mentions.
    """
    edit = _clean(wanted)
    for _ in range(_ATTEMPTS):
        before = await _own_tweet(services.stores, identity, edit.tweet_id)
        state = await services.stores.tweets.edits.state(before)
        if state is None:
            continue
        after = await _edited(services.stores.users, before, state, edit)
        if _shown(after) == _shown(msgspec.structs.replace(before, is_sensitive=state.is_sensitive)):
            return before
        await _ensure_may_edit(services, before, state)
        await refuse_filtered(services.screen, after)
        job = PublishEdit(services.stores.ids(), before.id, identity.user_id)
        charges = await mention_charges(services, identity, after, known=before.mentioned)
        pictures = [one for one in after.media if one not in state.media and one not in before.media]
        try:
            async with admitted(services, *charges), attached_more(services.stores.media, job, pictures):
                await _write(services.stores.tweets, job, before, after)
        except _OvertakenError:
            continue
        await _acknowledge(services.stores, job, before, after)
        return await _own_tweet(services.stores, identity, edit.tweet_id)
    raise RefusalError.of(UserErrorCode.CONFLICT, "It is being edited somewhere else.", "input", "id")


async def revisions_of(tweets: TweetStores, tweet: TweetRecord, first: int, before: int | None) -> Page[Revision]:
    """Earlier versions, newest first; the place of each is the edit that ended it."""
    check_first(first)
    state = None if tweet.edit_id is None else await tweets.edits.state(tweet)
    found = [] if state is None else state.revisions[::-1]
    older = [one for one in found if before is None or one.ended_by < before]
    return page_of(older, first, lambda one: one.ended_by, has_previous=before is not None)


async def version_seen(tweets: TweetStores, quoted: TweetRecord, edit_id: int | None) -> TweetRecord | None:
    """The version of a quoted tweet that an edit made (None: as it was posted); None if it is the newest."""
    if quoted.edit_id == edit_id:
        return None
    versions = (await tweets.edits.versions([quoted.id])).get(quoted.id, [])
    return next((one for one in versions[:-1] if one.edit_id == edit_id), None)


def _clean(edit: Edit) -> Edit:
    """Raises RefusalError with every field that is wrong whatever the tweet is."""
    errors = InputErrors()
    text, warning, media = errors.clean("text", clean_caption, edit.text), edit.content_warning, edit.media
    if isinstance(warning, str):
        warning = errors.clean("contentWarning", clean_content_warning, warning)
    if media is not msgspec.UNSET:
        check_attachments(errors, media)
    errors.raise_if_any()
    return msgspec.structs.replace(edit, text=text, content_warning=warning)


async def _own_tweet(stores: Stores, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    tweet = await visible_tweet(stores, identity, tweet_id, "input", "id")
    if tweet.author_id != identity.user_id:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "You can edit your own tweets only.", "input", "id")
    return tweet


async def _edited(users: UserStores, before: TweetRecord, state: EditState, edit: Edit) -> TweetRecord:
    """The tweet as it would be, with its author's own mark. Raises RefusalError if nothing of it would be seen."""
    media = before.media if edit.media is msgspec.UNSET else edit.media
    if not media and is_blank(edit.text):
        raise RefusalError.of(UserErrorCode.INVALID, "A tweet needs text.", "input", "text")
    entities = extract_entities(edit.text)
    found = build_tweet(
        before.id,
        before.author_id,
        edit.text,
        entities=entities,
        mentioned_ids=await _mentioned_ids(users, before, entities),
        device=before.device,
    )
    return msgspec.structs.replace(
        before,
        text=found.text,
        entities=entities,
        mentioned=found.mentioned,
        tags=found.tags,
        lang=found.lang,
        media=media,
        content_warning=before.content_warning if edit.content_warning is msgspec.UNSET else edit.content_warning,
        is_sensitive=state.is_sensitive if edit.is_sensitive is msgspec.UNSET else edit.is_sensitive,
    )


async def _mentioned_ids(users: UserStores, before: TweetRecord, entities: Entities) -> dict[str, UserId]:
    """A handle that the tweet mentions already stands for the same person, whoever has it by now."""
    mentioned = zip(mentioned_keys(before.entities), before.mentioned, strict=True)
    known = {key: user_id for key, user_id in mentioned if user_id is not None}
    new = [key for key in mentioned_keys(entities) if key not in known]
    return {**await users.accounts.ids_by_handle(new), **known}


def _shown(tweet: TweetRecord) -> tuple[object, ...]:
    return tweet.text, tweet.media, tweet.content_warning, tweet.is_sensitive


async def _ensure_may_edit(services: Services, tweet: TweetRecord, state: EditState) -> None:
    refused = UserErrorCode.FORBIDDEN
    if tweet.is_removed:
        raise RefusalError.of(refused, "Moderators removed this tweet.", "input", "id")
    if len(state.revisions) >= MOST_EDITS:
        raise RefusalError.of(refused, f"A tweet can be edited {MOST_EDITS} times.", "input", "id")
    if wall_ms() - ms_of(tweet.id) > EDITABLE_MS:
        raise RefusalError.of(refused, "A tweet can be edited for an hour.", "input", "id")
    if await may_be_shown(services, tweet):
        raise RefusalError.of(UserErrorCode.CONFLICT, "A running campaign shows this tweet.", "input", "id")


async def _write(tweets: TweetStores, job: PublishEdit, before: TweetRecord, after: TweetRecord) -> None:
    if not await tweets.edits.edit(job, before, after):
        raise _OvertakenError


async def _acknowledge(stores: Stores, job: PublishEdit, before: TweetRecord, after: TweetRecord) -> None:
    notice = mention_notice(job, before, after)
    await try_enqueue(stores, *[job] if notice is None else [job, notice])
    await wait_past(TweetId(job.act_id))
