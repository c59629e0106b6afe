"""Following and unfollowing hashtags, and looking one up."""

from core.errors import RefusalError, UserErrorCode
from core.text.fold import tag_key
from core.text.text import TextError, clean_tag
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import MergeTag, PublishViewChange
from datastore.trends.hashtags import FollowedTag
from datastore.trends.stores import TrendStores
from resolvers.enqueue import try_enqueue
from resolvers.graph.bounds import ensure_may_follow_hashtag
from resolvers.identity import Identity
from resolvers.services import Services


async def follow_hashtag(services: Services, identity: Identity, name: str) -> FollowedTag:
    """Raises RefusalError where the name is no hashtag, FORBIDDEN beyond the bound."""
    found = _tag(name)
    await ensure_may_follow_hashtag(services.stores.users, identity, found.tag)
    act = MergeTag(services.stores.ids(), identity.user_id, found.tag)
    has_changed = await services.stores.trends.hashtags.follow(act, found.name)
    await services.stores.users.viewpoints.invalidate(identity.user_id)
    if has_changed:
        await try_enqueue(services.stores, act)
    return found


async def unfollow_hashtag(services: Services, identity: Identity, name: str) -> FollowedTag:
    """Raises RefusalError where the name is no hashtag."""
    found = _tag(name)
    act = PublishViewChange(
        services.stores.ids(), identity.user_id, ViewChange(ViewChangeKind.TAG_UNFOLLOWED, words=(found.tag,))
    )
    has_changed = await services.stores.trends.hashtags.unfollow(act)
    await services.stores.users.viewpoints.invalidate(identity.user_id)
    if has_changed:
        await try_enqueue(services.stores, act)
    return found


async def followed_hashtags(trends: TrendStores, identity: Identity) -> list[FollowedTag]:
    """Most recently followed first."""
    return await trends.hashtags.followed_by(identity.user_id)


async def hashtag(trends: TrendStores, name: str) -> FollowedTag | None:
    """The hashtag in its most common spelling; None for an invalid name."""
    try:
        found = _named(name)
    except TextError:
        return None
    spelling = await trends.tag_uses.spelling(found.tag)
    return found if spelling is None else found._replace(name=spelling)


def _tag(name: str) -> FollowedTag:
    try:
        return _named(name)
    except TextError as error:
        raise RefusalError.of(UserErrorCode(error.code), error.message, "name") from None


def _named(name: str) -> FollowedTag:
    cleaned = clean_tag(name)
    return FollowedTag(tag_key(cleaned), cleaned)
