"""Visibility rules: pure functions that decide what a viewer may see, and what belongs to their home timeline and why.

They run at every read and every push.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from core.ids import UserId
from core.text.muted_words import muted_matcher
from datastore.media.records import MediaRecord
from datastore.records.items import ItemRecord, TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import ViewerState
from datastore.users.viewpoint_records import Viewpoint

_matcher_of: Callable[[tuple[str, ...]], Callable[[str], bool]] = lru_cache(maxsize=4_096)(muted_matcher)


class Reason(StrEnum):
    """Why an item is in a timeline."""

    FOLLOWING = "FOLLOWING"
    SELF = "SELF"
    HASHTAG = "HASHTAG"
    PROMOTED = "PROMOTED"
    PROFILE = "PROFILE"


class HydratedItem(msgspec.Struct, frozen=True):
    """An item with the rows that rules need: the tweet that it shows and the tweet's author.

    `retweets` is the log of a retweeted tweet, empty for an item that is a tweet. `tweet`, `author` and `poster` (the
    author of the item itself) are None if deleted. Counts, viewer state and pictures are for presentation only; `media`
    are the tweet's pictures in its order, None if they are to be read.
    """

    item: ItemRecord
    tweet: TweetRecord | None
    author: UserRecord | None
    retweets: RetweetLog
    counts: TweetCounts
    viewer_state: ViewerState
    poster: UserRecord | None
    media: tuple[MediaRecord, ...] | None = None


PersonRule: TypeAlias = Callable[[Viewpoint, UserRecord | None], bool]
"""Whether the viewer is shown what this user did; never if the user is None."""


class TimelineItem(msgspec.Struct, frozen=True, eq=False):
    """A hydrated item that rules let through, and why it is in the timeline.

    `derived`: what upper rooms made of this item, by what it serves, if requests share the item; else None.
    """

    shown: HydratedItem
    reason: Reason
    derived: dict[object, Any] | None = None

    @property
    def item(self) -> ItemRecord:
        return self.shown.item


def may_see_user(view: Viewpoint, user: UserRecord | None) -> bool:
    """Whether the viewer may see what this user did: tweets, likes, retweets, follows, and the bio too.

    False if the user is None or suspended.
    """
    if user is None or user.is_suspended or user.id in view.blocked or user.id in view.blockers:
        return False
    return not user.is_protected or user.id == view.user_id or user.id in view.followees


def is_there_for(view: Viewpoint, tweet: TweetRecord | None) -> bool:
    """Whether the tweet exists for the viewer: one that moderators removed does for its author alone."""
    return tweet is not None and (not tweet.is_removed or tweet.author_id == view.user_id)


def may_come_across(view: Viewpoint, user: UserRecord | None) -> bool:
    """Whether the viewer may see what this user did where they did not go to it: in timelines and lists of others.

    As `may_see_user`, but acts of a limited account are shown to its followers alone.
    """
    if user is None or user.is_suspended or user.id in view.blocked or user.id in view.blockers:
        return False
    is_guarded = user.is_protected or user.is_limited
    return not is_guarded or user.id == view.user_id or user.id in view.followees


def may_find(view: Viewpoint, user: UserRecord | None) -> bool:
    """Whether a search may show the viewer what this user did: as `may_see_user`, without limited accounts."""
    return may_see_user(view, user) and user is not None and may_be_proposed(view, user)


def may_be_proposed(view: Viewpoint, user: UserRecord) -> bool:
    """Whether a search for people, or a suggestion, may name the user to the viewer. One finds oneself."""
    return not user.is_limited or user.id == view.user_id


def may_see(view: Viewpoint, shown: HydratedItem) -> bool:
    """Whether the viewer may see the item's tweet, and who retweeted it."""
    if not is_there_for(view, shown.tweet) or not may_see_user(view, shown.author):
        return False
    return isinstance(shown.item, TweetRecord) or may_see_user(view, shown.poster)


def may_come_across_item(view: Viewpoint, shown: HydratedItem) -> bool:
    """As `may_come_across`, of the item's tweet and of who retweeted it."""
    if not is_there_for(view, shown.tweet) or not may_come_across(view, shown.author):
        return False
    return isinstance(shown.item, TweetRecord) or may_come_across(view, shown.poster)


def may_see_at(view: Viewpoint, shown: HydratedItem, owner: UserId) -> bool:
    """Whether the viewer may see the item at a place that is the owner's: their profile, likes, replies and quotes.

    There the viewer went to what the owner did, and comes across all others.
    """
    tweet = shown.tweet
    if tweet is None or not may_see(view, shown):
        return False
    return tweet.author_id == owner or may_come_across(view, shown.author)


def may_be_promoted_to(view: Viewpoint, tweet: TweetRecord, author: UserRecord) -> bool:
    """Whether the tweet may be an ad in the viewer's home timeline; never the viewer's own tweet."""
    if author.is_protected or author.is_limited or author.id == view.user_id or tweet.is_removed:
        return False
    return may_see_user(view, author) and not is_muted(view, tweet)


def home_reason(view: Viewpoint, shown: HydratedItem) -> Reason | None:
    """Why the item belongs to the viewer's home timeline; None if it does not."""
    tweet = shown.tweet
    if tweet is None or not may_come_across_item(view, shown) or is_muted(view, tweet):
        return None
    reason = _reason_of_tweet(view, tweet)
    if isinstance(shown.item, TweetRecord):
        return reason
    if reason is not None or shown.item.id != _first_retweet(view, shown.retweets):
        return None  # the timeline has the tweet itself, or an earlier retweet
    return Reason.SELF if shown.item.author_id == view.user_id else Reason.FOLLOWING


def is_plain(shown: HydratedItem) -> bool:
    """Whether `plain_home_reason` serves for the item: a tweet and an account seen by all, and no answer."""
    item, author = shown.item, shown.author
    if not isinstance(item, TweetRecord) or item.is_removed or item.reply_to_author is not None or author is None:
        return False
    return not (author.is_protected or author.is_suspended or author.is_limited)


def plain_home_reason(view: Viewpoint, tweet: TweetRecord) -> Reason | None:
    """`home_reason` of a plain item."""
    author_id = tweet.author_id
    if author_id in view.blocked or author_id in view.blockers:
        return None
    if author_id == view.user_id:
        return Reason.SELF
    if author_id in view.muted or (view.muted_words and _matcher_of(view.muted_words)(tweet.text)):
        return None
    if author_id in view.followees:
        return Reason.FOLLOWING
    return None if not view.tags or view.tags.isdisjoint(tweet.tags) else Reason.HASHTAG


def home_item_id(view: Viewpoint, tweet: TweetRecord, author: UserRecord | None, log: RetweetLog) -> int | None:
    """Id of the item, tweet or first retweet, by which the viewer's home timeline has the tweet; None if it has not."""
    if not is_there_for(view, tweet) or not may_come_across(view, author) or is_muted(view, tweet):
        return None
    return tweet.id if _reason_of_tweet(view, tweet) is not None else _first_retweet(view, log)


def may_notify_of(view: Viewpoint, tweet: TweetRecord, author: UserRecord | None) -> bool:
    """Whether the viewer may have a notification about this tweet."""
    return is_there_for(view, tweet) and may_come_across(view, author) and not is_muted(view, tweet)


def _reason_of_tweet(view: Viewpoint, tweet: TweetRecord) -> Reason | None:
    """Why the tweet itself belongs to the home timeline, apart from retweets; None if it does not."""
    answered = tweet.reply_to_author
    if tweet.author_id == view.user_id or tweet.author_id in view.followees:
        if answered is not None and answered != view.user_id and answered not in view.followees:
            return None
        return Reason.SELF if tweet.author_id == view.user_id else Reason.FOLLOWING
    return Reason.HASHTAG if answered is None and not view.tags.isdisjoint(tweet.tags) else None


def is_muted(view: Viewpoint, tweet: TweetRecord) -> bool:
    """Whether the viewer muted its author or words of it; never for their own."""
    if tweet.author_id == view.user_id:
        return False
    return tweet.author_id in view.muted or bool(view.muted_words and _matcher_of(view.muted_words)(tweet.text))


def _first_retweet(view: Viewpoint, log: RetweetLog) -> int | None:
    """Id of the earliest retweet that counts for the viewer's home timeline."""
    return next((retweet_id for retweet_id, user_id in log.entries if _shows_retweets_of(view, user_id)), None)


def _shows_retweets_of(view: Viewpoint, user_id: UserId) -> bool:
    if user_id == view.user_id:
        return True
    return user_id in view.followees and not (
        user_id in view.muted or user_id in view.blocked or user_id in view.blockers
    )
