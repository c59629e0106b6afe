"""Random stories, lists of acts, drawn so that hypothesis can shrink a failing one."""

from dataclasses import dataclass
from enum import StrEnum

from hypothesis import strategies as st


class Kind(StrEnum):
    """Acts of people; each value is the mutation. REMOVE and RESTORE are those of a moderator."""

    POST = "postTweet"
    EDIT = "editTweet"
    DELETE = "deleteTweet"
    RETWEET = "retweet"
    UNRETWEET = "unretweet"
    LIKE = "like"
    UNLIKE = "unlike"
    BOOKMARK = "bookmark"
    UNBOOKMARK = "unbookmark"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    REMOVE_FOLLOWER = "removeFollower"
    ACCEPT = "acceptFollowRequest"
    REJECT = "rejectFollowRequest"
    BLOCK = "block"
    UNBLOCK = "unblock"
    MUTE = "mute"
    UNMUTE = "unmute"
    MUTE_CONVERSATION = "muteConversation"
    UNMUTE_CONVERSATION = "unmuteConversation"
    MUTE_WORDS = "setMutedWords"
    FOLLOW_TAG = "followHashtag"
    UNFOLLOW_TAG = "unfollowHashtag"
    PROTECT = "updateProfile"
    READ = "setHomeReadCursor"
    LEAVE = "deleteAccount"
    PIN = "pinTweet"
    UNPIN = "unpinTweet"
    CREATE_LIST = "createList"
    CHANGE_LIST = "updateList"
    DELETE_LIST = "deleteList"
    ADD_TO_LIST = "addToList"
    REMOVE_FROM_LIST = "removeFromList"
    REMOVE = "moderate"
    RESTORE = "revokeDecision"
    REPORT = "report"


class Step(StrEnum):
    """Steps that are no acts of people. NOTHING replaces an act in a shrunk story."""

    NOTHING = "nothing happens"
    COMPARE = "all is compared"
    GLANCE = "somebody looks at home"
    LOSE_LIST = "a home list is lost"
    LOSE_REDIS = "all that Redis holds is lost"
    KILL = "a worker process is killed"
    SUSPEND = "somebody is suspended"
    LIMIT = "somebody is limited"
    REVOKE = "a decision about somebody is revoked"
    EXPIRE = "a decision about somebody ends by itself"


@dataclass(frozen=True, slots=True)
class Act:
    """Numbers choose among the people and tweets that exist when the act is played, so that shrunk stories stay valid.

    The bits of `how` choose the kind of a post, the words of a text, and whether the act is sent twice at once.
    """

    kind: Kind | Step
    who: int = 0
    whom: int = 0
    which: int = 0
    how: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    people: int
    page: int
    acts: tuple[Act, ...]


NUMBERS = 60
# Relative frequencies.
WEIGHTS: dict[Kind | Step, int] = {
    Step.NOTHING: 1,
    Kind.POST: 26,
    Kind.EDIT: 8,
    Kind.DELETE: 5,
    Kind.RETWEET: 10,
    Kind.UNRETWEET: 3,
    Kind.LIKE: 6,
    Kind.UNLIKE: 3,
    Kind.BOOKMARK: 3,
    Kind.UNBOOKMARK: 1,
    Kind.FOLLOW: 22,
    Kind.UNFOLLOW: 5,
    Kind.REMOVE_FOLLOWER: 2,
    Kind.ACCEPT: 4,
    Kind.REJECT: 1,
    Kind.BLOCK: 3,
    Kind.UNBLOCK: 2,
    Kind.MUTE: 3,
    Kind.UNMUTE: 2,
    Kind.MUTE_CONVERSATION: 2,
    Kind.UNMUTE_CONVERSATION: 1,
    Kind.MUTE_WORDS: 3,
    Kind.FOLLOW_TAG: 4,
    Kind.UNFOLLOW_TAG: 2,
    Kind.PROTECT: 4,
    Kind.READ: 2,
    Kind.LEAVE: 1,
    Kind.PIN: 3,
    Kind.UNPIN: 1,
    Kind.CREATE_LIST: 3,
    Kind.CHANGE_LIST: 1,
    Kind.DELETE_LIST: 1,
    Kind.ADD_TO_LIST: 12,
    Kind.REMOVE_FROM_LIST: 3,
    Kind.REMOVE: 5,
    Kind.RESTORE: 4,
    Step.GLANCE: 5,
    Step.LOSE_LIST: 2,
    Step.LOSE_REDIS: 1,
    Step.COMPARE: 1,
    Step.KILL: 1,
}


MODERATED: dict[Kind | Step, int] = {
    **WEIGHTS,
    Kind.REPORT: 3,
    Step.SUSPEND: 2,
    Step.LIMIT: 3,
    Step.REVOKE: 3,
    Step.EXPIRE: 1,
}
"""As WEIGHTS, with reports, and decisions of moderators about people."""


def stories(*, acts: int, weights: dict[Kind | Step, int] = WEIGHTS) -> st.SearchStrategy[Story]:
    """Stories with this many acts each, those of NOTHING included."""
    kinds = st.sampled_from([kind for kind, weight in weights.items() for _ in range(weight)])
    number = st.integers(0, NUMBERS - 1)
    act = st.builds(Act, kinds, number, number, number, st.integers(0, 511))
    return st.builds(
        Story,
        people=st.sampled_from([3, 4, 5, 6, 7, 8, 10, 12, 30]),
        page=st.sampled_from([3, 1, 5, 7, 13]),
        acts=st.lists(act, min_size=acts, max_size=acts).map(tuple),
    )
