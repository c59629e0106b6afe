"""Rules of list timelines: pure functions that decide what belongs to the timeline of a list for a viewer, and why.

As for a home timeline, with the members in the place of the followees; what the viewer may see is up to whom they
follow themselves.
"""

from core.ids import UserId
from datastore.graph.lists import ListRecord
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import HydratedItem, Reason, is_muted, may_come_across_item, may_see_user
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoint_records import Viewpoint


def may_see_list(view: Viewpoint, record: ListRecord, owner: UserRecord | None) -> bool:
    """A private list is its owner's alone; a public one is seen by whoever may see its owner's tweets."""
    if owner is None or record.is_private:
        return owner is not None and view.user_id == record.owner_id
    return may_see_user(view, owner)


def list_reason(view: Viewpoint, record: ListRecord, shown: HydratedItem) -> Reason | None:
    """Why the item belongs to the list's timeline for the viewer; None if it does not."""
    tweet, members = shown.tweet, record.members
    if tweet is None or not may_come_across_item(view, shown) or is_muted(view, tweet):
        return None
    is_in_itself = _is_in_itself(members, tweet)
    if isinstance(shown.item, TweetRecord):
        return _reason(view, tweet.author_id) if is_in_itself else None
    if is_in_itself or shown.item.id != _first_retweet(view, record, shown.retweets):
        return None  # the timeline has the tweet itself, or an earlier retweet
    return _reason(view, shown.item.author_id)


def list_item_ids(members: frozenset[UserId], tweet: TweetRecord, log: RetweetLog) -> list[int]:
    """Ids of the items, tweet or retweets, by which viewers may have the tweet in the list; the first one first."""
    if _is_in_itself(members, tweet):
        return [tweet.id]
    return [retweet_id for retweet_id, user_id in log.entries if user_id in members]


def _is_in_itself(members: frozenset[UserId], tweet: TweetRecord) -> bool:
    """Whether the tweet itself belongs to the list, apart from retweets."""
    return tweet.author_id in members and (tweet.reply_to_author is None or tweet.reply_to_author in members)


def _reason(view: Viewpoint, poster: UserId) -> Reason:
    return Reason.SELF if poster == view.user_id else Reason.FOLLOWING


def _first_retweet(view: Viewpoint, record: ListRecord, log: RetweetLog) -> int | None:
    """Id of the earliest retweet by a member who is not hidden from the viewer."""
    hidden = view.unwelcome | (record.guarded - view.circle if record.guarded else record.guarded)
    shown = (retweet_id for retweet_id, user_id in log.entries if user_id in record.members and user_id not in hidden)
    return next(shown, None)
