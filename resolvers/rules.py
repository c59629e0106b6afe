"""What stands in a home timeline and why: pure functions of an item and of who looks. They run at every read and push."""

from enum import StrEnum

from datastore.tweets import ItemRecord, RetweetRecord, TweetRecord
from datastore.viewpoints import Viewpoint


class Reason(StrEnum):
    """Why an item stands in a timeline."""

    FOLLOWING = "FOLLOWING"
    SELF = "SELF"
    HASHTAG = "HASHTAG"
    PROMOTED = "PROMOTED"
    PROFILE = "PROFILE"


def home_reason(view: Viewpoint, item: ItemRecord) -> Reason | None:
    """None where the item does not belong into the home timeline of who looks."""
    match item:
        case RetweetRecord():
            return None
        case TweetRecord() if item.author_id == view.user_id:
            return Reason.SELF if _answers_circle(view, item) else None
        case _:
            return Reason.FOLLOWING if item.author_id in view.followees and _answers_circle(view, item) else None


def _answers_circle(view: Viewpoint, tweet: TweetRecord) -> bool:
    """True for what answers nobody."""
    answered = tweet.reply_to_author
    return answered is None or answered == view.user_id or answered in view.followees
