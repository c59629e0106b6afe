"""Names of Redis keys and channels; those of jobs and trends are in job_keys.py and trend_keys.py.

Keys of one user share a hash tag, so that one script may touch them all; so do the keys of one tweet. The
hash tag is a bucket of ids, not the id: users of one bucket share a cluster slot, so that a fan-out reaches many home
timelines by one call.
"""

from hashlib import blake2b

from core.ids import AccessTokenId, ListId, MediaId, SessionId, TweetId, UserId

BUCKETS = 1024
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def bucket(user_id: int) -> int:
    """Fibonacci hashing, which spreads ids evenly although their low bits are mostly zero."""
    return (user_id * _GOLDEN & _WORD) >> 54


def _digest(user_id: UserId, number: int) -> str:
    """For keys that expire by themselves, and that nobody could find again: their names hold no id of a person."""
    return blake2b(f"{user_id}:{number}".encode(), digest_size=16).hexdigest()


def home(user_id: UserId) -> str:
    """LIST: the newest item ids of a home timeline, as lua/shared/home.lua describes it.

    The timeline of a list of people is kept in the same way, under the list's id in the place of a user's.
    """
    return f"home:{{{bucket(user_id)}}}:{user_id}"


def siblings(key: str) -> list[str]:
    """The keys that scripts touch together with a home timeline or the subject of an event log; none for other keys."""
    kind, _, user = key.partition(":")
    if kind not in ("home", "notes"):
        return []
    of_log = [live(key), log(key)]
    return [*of_log, f"build:{user}", f"joined:{user}"] if kind == "home" else of_log


def notifications(user_id: UserId) -> str:
    """The subject of the event log of a user's notifications, which themselves are in MongoDB. Not a key of its own."""
    return f"notes:{{{bucket(user_id)}}}:{user_id}"


def live(subject: str) -> str:
    """STRING: the epoch of the event log of a home timeline or of notifications. It exists while the user is live."""
    return f"live:{subject}"


def log(subject: str) -> str:
    """STREAM: changes of the home timeline, or of the notifications, of a live user."""
    return f"log:{subject}"


def version_published(user_id: UserId, version: int) -> str:
    """STRING: exists while the log of the user's notifications may hold the change that led to this version."""
    return f"told:{{{bucket(user_id)}}}:{_digest(user_id, version)}"


def act_published(user_id: UserId, act_id: int) -> str:
    """STRING: exists while the log of the user's home timeline may hold the changes that this act of theirs made."""
    return f"revised:{{{bucket(user_id)}}}:{_digest(user_id, act_id)}"


def rebuild_token(user_id: UserId) -> str:
    """STRING: the token of the rebuild under way. Only one runs, and a superseded one gives up."""
    return f"build:{{{bucket(user_id)}}}:{user_id}"


def rebuild_ordered(user_id: UserId) -> str:
    """STRING: exists while a rebuild of the user's list is queued."""
    return f"build:ordered:{{{bucket(user_id)}}}:{user_id}"


POSTS = "{posts}"
"""The subject of the log of all posts. Its hash tag puts the log and its channel into one slot."""


def log_channel(subject: str) -> str:
    """Channel: notified with each entry that is appended to this log."""
    return f"bell:{subject}"


def tweet(tweet_id: TweetId) -> str:
    """STRING: the tweet, msgpack."""
    return f"tweet:{{{bucket(tweet_id)}}}:{tweet_id}"


def media(media_id: MediaId) -> str:
    """STRING: the picture's row, msgpack."""
    return f"media:{{{bucket(media_id)}}}:{media_id}"


def retweet_log(tweet_id: TweetId) -> str:
    """STRING: the retweets of the tweet with their times, msgpack."""
    return f"retweets:{{{bucket(tweet_id)}}}:{tweet_id}"


def author_list(user_id: UserId) -> str:
    """STRING: ids of the user's newest items, msgpack."""
    return f"items:{{{bucket(user_id)}}}:{user_id}"


def recent_interactions(user_id: UserId) -> str:
    """STRING: the user's recent likes, retweets and bookmarks, msgpack."""
    return f"marks:{{{bucket(user_id)}}}:{user_id}"


def interests(user_id: UserId) -> str:
    """STRING: the interests by which advertisements are selected for the user, msgpack."""
    return f"interests:{{{bucket(user_id)}}}:{user_id}"


def counts_written(queue: str, target: int) -> str:
    """STRING: exists for a moment after the counts of the tweet, or the user, were written."""
    return f"counting:{{{bucket(target)}}}:{queue}:{target}"


def tweet_counts(tweet_id: TweetId) -> str:
    """STRING: like, retweet, quote and reply counts, msgpack."""
    return f"counts:tweet:{{{bucket(tweet_id)}}}:{tweet_id}"


def user(user_id: UserId) -> str:
    """STRING: the profile, msgpack."""
    return f"user:{{{bucket(user_id)}}}:{user_id}"


def user_counts(user_id: UserId) -> str:
    """STRING: follower, following and tweet counts, msgpack."""
    return f"counts:user:{{{bucket(user_id)}}}:{user_id}"


def viewpoint(user_id: UserId) -> str:
    """STRING: the user's viewpoint (follows, blocks, mutes), msgpack."""
    return f"view:{{{bucket(user_id)}}}:{user_id}"


def member_list(list_id: ListId) -> str:
    """STRING: the list of people with its members, msgpack."""
    return f"list:{{{bucket(list_id)}}}:{list_id}"


def stale_copy(name: str) -> str:
    """STRING: the row of that key as it was last cached. It serves if the row has expired and MongoDB is away."""
    return f"{name}:spare"


def session(session_id: SessionId) -> str:
    """STRING: the session, msgpack, while it is valid."""
    return f"session:{session_id}"


def session_channel(session_id: SessionId) -> str:
    """Channel: notified when the session ends."""
    return f"bell:session:{session_id}"


def access_token(token_id: AccessTokenId) -> str:
    """STRING: the scoped token, with the hash of its secret, msgpack, while it is valid."""
    return f"access:{token_id}"


def access_token_channel(token_id: AccessTokenId) -> str:
    """Channel: notified when the scoped token is revoked."""
    return f"bell:access:{token_id}"


def audience(user_id: UserId) -> str:
    """ZSET: the live followers of a fan-out-on-read author, to whom items are pushed, by when that ends."""
    return f"audience:{{{bucket(user_id)}}}:{user_id}"


def audiences_joined(user_id: UserId) -> str:
    """STRING: exists while the user is in the audiences of all fan-out-on-read authors whom they follow."""
    return f"joined:{{{bucket(user_id)}}}:{user_id}"


def list_audience(user_id: UserId) -> str:
    """ZSET: the lists in memory that the user is in, to which their items are pushed, by when that ends."""
    return f"listed:{{{bucket(user_id)}}}:{user_id}"


def ranking_snapshot(user_id: UserId, number: int) -> str:
    """STRING: a ranking as it was shown to the user, msgpack."""
    return f"reading:{{{bucket(user_id)}}}:{_digest(user_id, number)}"


def ranking_snapshots(user_id: UserId) -> str:
    """LIST: the numbers of the user's ranking snapshots, newest first."""
    return f"readings:{{{bucket(user_id)}}}:{user_id}"


def rate(subject: str) -> str:
    """STRING: Unix microseconds at which this user or address has all points again."""
    return f"rate:{subject}"


def limit(subject: str, act: str, name: str) -> str:
    """LIST: Unix milliseconds of a subject's acts within the window of a limit, newest first; ZSET: of its members."""
    return f"limit:{{{subject}}}:{act}:{name}" if name else f"limit:{{{subject}}}:{act}"


def document(digest: str) -> str:
    """STRING: a persisted GraphQL document by its SHA-256."""
    return f"document:{digest}"


def documents() -> str:
    """ZSET: the SHA-256 of the persisted documents, by the Unix microseconds of their registration."""
    return "documents"


def of_person(user_id: UserId) -> list[str]:
    """All keys whose names hold the user's id, but for those that last a second."""
    rows = [recent_interactions(user_id), interests(user_id), user(user_id), user_counts(user_id), viewpoint(user_id)]
    subjects = home(user_id), notifications(user_id)
    return [
        *rows,
        *map(stale_copy, rows),
        home(user_id),
        *[key for subject in subjects for key in siblings(subject)],
        rebuild_ordered(user_id),
        ranking_snapshots(user_id),
        audience(user_id),
        list_audience(user_id),
        author_list(user_id),
        rate(f"user:{user_id}"),
    ]
