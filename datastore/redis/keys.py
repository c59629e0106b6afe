"""The name of every Redis key. Keys of one person share a hash tag, so that one script may touch them all; so do those
of one tweet, of one queue, of one worker number.

The tag is a bucket rather than the person: people of one bucket lie in one cluster slot, and a fan-out reaches many
home timelines by one call.
"""

from hashlib import blake2b

from core.ids import SessionId, TweetId, UserId

BUCKETS = 1024
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def bucket(user_id: int) -> int:
    """Spreads ids evenly although their low bits are mostly zero (Fibonacci hashing)."""
    return (user_id * _GOLDEN & _WORD) >> 54


def home(user_id: UserId) -> str:
    """LIST of the newest item ids of a home timeline; see scripts/home_push.lua."""
    return f"home:{{{bucket(user_id)}}}:{user_id}"


def siblings(key: str) -> list[str]:
    """What scripts touch beside a home timeline, or beside what an event log is named after; none for other keys."""
    kind, _, person = key.partition(":")
    if kind not in ("home", "notes"):
        return []
    followed = [live(key), log(key)]
    return [*followed, f"build:{person}", f"joined:{person}"] if kind == "home" else followed


def notes(user_id: UserId) -> str:
    """What the event log of somebody's notifications is named after; MongoDB holds the notifications themselves."""
    return f"notes:{{{bucket(user_id)}}}:{user_id}"


def live(subject: str) -> str:
    """STRING: the epoch of an event log, of a home timeline or of notifications, while the person is live."""
    return f"live:{subject}"


def log(subject: str) -> str:
    """STREAM: what changed in the home timeline, or in the notifications, of somebody live."""
    return f"log:{subject}"


def told(user_id: UserId, version: int) -> str:
    """STRING: there while the log of the person's notifications holds the change that led to this version of them."""
    return f"told:{{{bucket(user_id)}}}:{user_id}:{version}"


def revised(user_id: UserId, act_id: int) -> str:
    """STRING: there while the log of the person's home timeline holds what this act of theirs changed in it."""
    return f"revised:{{{bucket(user_id)}}}:{user_id}:{act_id}"


def build(user_id: UserId) -> str:
    """STRING: the token of the rebuild under way, so that one alone runs and a superseded one gives up."""
    return f"build:{{{bucket(user_id)}}}:{user_id}"


def rebuild_ordered(user_id: UserId) -> str:
    """STRING: there while a rebuild of the person's list is on order."""
    return f"build:ordered:{{{bucket(user_id)}}}:{user_id}"


POSTS = "{posts}"
"""What the log of all posts is named after; it and its bell are of one slot."""


def bell(subject: str) -> str:
    """Channel: rung when this log grew."""
    return f"bell:{subject}"


def tweet(tweet_id: TweetId) -> str:
    """STRING: the stored tweet, msgpack."""
    return f"tweet:{{{bucket(tweet_id)}}}:{tweet_id}"


def retweet_log(tweet_id: TweetId) -> str:
    """STRING: who retweeted it when, msgpack."""
    return f"retweets:{{{bucket(tweet_id)}}}:{tweet_id}"


def marks(user_id: UserId) -> str:
    """STRING: what the person liked, retweeted and bookmarked lately, msgpack."""
    return f"marks:{{{bucket(user_id)}}}:{user_id}"


def interests(user_id: UserId) -> str:
    """STRING: what advertisements are chosen by for the person, msgpack."""
    return f"interests:{{{bucket(user_id)}}}:{user_id}"


def counting(queue: str, target: int) -> str:
    """STRING: there while the counts of the tweet, or the person, have just been written."""
    return f"counting:{{{bucket(target)}}}:{queue}:{target}"


def tweet_counts(tweet_id: TweetId) -> str:
    """STRING: like, retweet, quote and reply counts, msgpack."""
    return f"counts:tweet:{{{bucket(tweet_id)}}}:{tweet_id}"


def user(user_id: UserId) -> str:
    """STRING: the stored profile, msgpack."""
    return f"user:{{{bucket(user_id)}}}:{user_id}"


def user_counts(user_id: UserId) -> str:
    """STRING: follower, following and tweet counts, msgpack."""
    return f"counts:user:{{{bucket(user_id)}}}:{user_id}"


def viewpoint(user_id: UserId) -> str:
    """STRING: whom the person follows, blocks, mutes, msgpack."""
    return f"view:{{{bucket(user_id)}}}:{user_id}"


def stale_copy(name: str) -> str:
    """STRING: the row of that key as it was last kept, for when it has run out and MongoDB is away."""
    return f"{name}:spare"


def session(session_id: SessionId) -> str:
    """STRING: the session's row, msgpack, as long as it stands."""
    return f"session:{session_id}"


def session_bell(session_id: SessionId) -> str:
    """Channel: rung when the session ends."""
    return f"bell:session:{session_id}"


def jobs(queue: str) -> str:
    """STREAM with one consumer group: jobs of one kind of worker."""
    return f"jobs:{{{queue}}}"


def dead_jobs(queue: str) -> str:
    """STREAM: jobs that were tried often enough."""
    return f"jobs:{{{queue}}}:dead"


def worker_lease(number: int) -> str:
    """STRING: who makes ids under this worker number."""
    return f"ids:worker:{{{number}}}"


def worker_clock(number: int) -> str:
    """STRING: Unix milliseconds up to which ids of this worker number may have been given."""
    return f"ids:clock:{{{number}}}"


def sweep() -> str:
    """STRING: there while a sweeper has just been at work, so that the others need not be."""
    return "sweep"


def swept_run() -> str:
    """STRING: the run of Redis for which the sweepers issued the latest posts again."""
    return "sweep:run"


def reissued(packed_job: bytes) -> str:
    """STRING: there while this job has lately been issued again."""
    return f"sweep:job:{blake2b(packed_job, digest_size=16).hexdigest()}"


def audience(user_id: UserId) -> str:
    """ZSET: who gets the items of somebody with many followers pushed, being live, by when that ends."""
    return f"audience:{{{bucket(user_id)}}}:{user_id}"


def joined(user_id: UserId) -> str:
    """STRING: there while the person is in the audiences of all whom they follow that have one."""
    return f"joined:{{{bucket(user_id)}}}:{user_id}"


def reading(user_id: UserId, number: int) -> str:
    """STRING: a ranking as the person was shown it, msgpack."""
    return f"reading:{{{bucket(user_id)}}}:{user_id}:{number}"


def rate(subject: str) -> str:
    """STRING: Unix microseconds at which this person or address has all of their points again."""
    return f"rate:{subject}"


def attempts(subject: str) -> str:
    """STRING: how many sign-ins were tried for an account, or from an address, since the first of late."""
    return f"attempts:{subject}"


def document(digest: str) -> str:
    """STRING: a persisted GraphQL document by its SHA-256."""
    return f"document:{digest}"


_TRENDS = "trends:{trends}"


def trends() -> str:
    """STRING: what trends, as the last snapshot has it, msgpack."""
    return f"{_TRENDS}:snapshot"


def trends_lease() -> str:
    """STRING: the token of the worker that makes the snapshots."""
    return f"{_TRENDS}:lease"


def trends_hour(hour: int) -> str:
    """ZSET: hashtags by how many accounts used them within this hour since 1970, roughly."""
    return f"{_TRENDS}:hour:{hour}"


def crowd(tag: str, kind: str, salt: str, hour: int) -> str:
    """HYPERLOGLOG: accounts, or tweets, that used the hashtag within this hour since 1970."""
    return f"crowd:{{{tag}}}:{kind}:{salt}:{hour}"


def crowd_read(tag: str) -> str:
    """STRING: the id up to which tweets with the hashtag have been counted."""
    return f"crowd:{{{tag}}}:read"


def crowds() -> str:
    """ZSET: hashtags that are counted so, by Unix milliseconds of when they were last asked for."""
    return f"{_TRENDS}:crowds"
