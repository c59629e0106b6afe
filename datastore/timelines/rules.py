"""Who may see what, and what stands in a home timeline and why: pure functions, run at every read and every push."""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

import msgspec

from core.ids import UserId
from core.text.fold import muted_matcher
from datastore.records.items import ItemRecord, TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import ViewerState
from datastore.users.viewpoints import Viewpoint

_matcher_of: Callable[[tuple[str, ...]], Callable[[str], bool]] = lru_cache(maxsize=4_096)(muted_matcher)


class Reason(StrEnum):
    """Why an item stands in a timeline."""

    FOLLOWING = "FOLLOWING"
    SELF = "SELF"
    HASHTAG = "HASHTAG"
    PROMOTED = "PROMOTED"
    PROFILE = "PROFILE"


class Shown(msgspec.Struct, frozen=True):
    """An item with what is judged by: the tweet it shows, the tweet's author, and for a retweet the tweet's others.

    `tweet`, `author`, or `poster`, who posted the item, is None where it is gone. Counts, the viewer's mark and the
    poster are for showing alone.
    """

    item: ItemRecord
    tweet: TweetRecord | None
    author: UserRecord | None
    retweets: RetweetLog
    counts: TweetCounts
    mark: ViewerState
    poster: UserRecord | None


def may_see_person(view: Viewpoint, user: UserRecord | None) -> bool:
    """Whether what this person wrote may be seen."""
    if user is None or user.id in view.blocked or user.id in view.blockers:
        return False
    return not user.is_protected or user.id == view.user_id or user.id in view.followees


def may_see(view: Viewpoint, shown: Shown) -> bool:
    return shown.tweet is not None and may_see_person(view, shown.author)


def may_be_promoted_to(view: Viewpoint, tweet: TweetRecord, author: UserRecord) -> bool:
    """Whether the tweet may stand as an advertisement in the home timeline of who looks: never their own."""
    if author.is_protected or author.id == view.user_id:
        return False
    return may_see_person(view, author) and not _is_muted(view, tweet)


def home_reason(view: Viewpoint, shown: Shown) -> Reason | None:
    """None where the item does not stand in the home timeline of who looks."""
    tweet = shown.tweet
    if tweet is None or not may_see(view, shown) or _is_muted(view, tweet):
        return None
    reason = _own_place(view, tweet)
    if isinstance(shown.item, TweetRecord):
        return reason
    if reason is not None or shown.item.id != _first_retweet(view, shown.retweets):
        return None  # it stands at an earlier place
    return Reason.SELF if shown.item.author_id == view.user_id else Reason.FOLLOWING


def standing_item(view: Viewpoint, tweet: TweetRecord, author: UserRecord | None, log: RetweetLog) -> int | None:
    """Id of the item by which the tweet stands in the home timeline of who looks; None where it does not."""
    if not may_see_person(view, author) or _is_muted(view, tweet):
        return None
    return tweet.id if _own_place(view, tweet) is not None else _first_retweet(view, log)


def is_worth_telling(view: Viewpoint, tweet: TweetRecord, author: UserRecord | None) -> bool:
    """Whether a notification about this tweet is for who looks."""
    return may_see_person(view, author) and not _is_muted(view, tweet)


def _own_place(view: Viewpoint, tweet: TweetRecord) -> Reason | None:
    """Why the tweet itself stands in the timeline, be it retweeted or not."""
    answered = tweet.reply_to_author
    if tweet.author_id == view.user_id or tweet.author_id in view.followees:
        if answered is not None and answered != view.user_id and answered not in view.followees:
            return None
        return Reason.SELF if tweet.author_id == view.user_id else Reason.FOLLOWING
    return Reason.HASHTAG if answered is None and not view.tags.isdisjoint(tweet.tags) else None


def _is_muted(view: Viewpoint, tweet: TweetRecord) -> bool:
    if tweet.author_id == view.user_id:
        return False
    return tweet.author_id in view.muted or bool(view.muted_words and _matcher_of(view.muted_words)(tweet.text))


def _first_retweet(view: Viewpoint, log: RetweetLog) -> int | None:
    """Id of the earliest retweet by somebody whose retweets stand in the timeline of who looks."""
    return next((retweet_id for retweet_id, user_id in log.entries if _retweets_stand(view, user_id)), None)


def _retweets_stand(view: Viewpoint, user_id: UserId) -> bool:
    if user_id == view.user_id:
        return True
    return user_id in view.followees and not (
        user_id in view.muted or user_id in view.blocked or user_id in view.blockers
    )
