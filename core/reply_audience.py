"""The people who may answer a tweet, beside its author and those whom it mentions."""

from enum import StrEnum


class ReplyAudience(StrEnum):
    EVERYONE = "EVERYONE"
    FOLLOWING = "FOLLOWING"
    FOLLOWERS = "FOLLOWERS"
    MENTIONED = "MENTIONED"
