"""Names of the Redis keys of trends. The keys of one hashtag share a hash tag, and so do those of all."""

_TRENDS = "trends:{trends}"


def trends() -> str:
    """STRING: the newest snapshot of the trends, msgpack."""
    return f"{_TRENDS}:snapshot"


def trends_lease() -> str:
    """STRING: the lease of the worker that makes the snapshots."""
    return f"{_TRENDS}:lease"


def trends_hour(hour: int) -> str:
    """ZSET: hashtags by the approximate number of accounts that used them in this hour (hours since 1970)."""
    return f"{_TRENDS}:hour:{hour}"


def tag_sketch(tag: str, kind: str, salt: str, hour: int) -> str:
    """HYPERLOGLOG: the accounts, or tweets, that used the hashtag in this hour (hours since 1970)."""
    return f"crowd:{{{tag}}}:{kind}:{salt}:{hour}"


def tag_sketch_position(tag: str) -> str:
    """STRING: the id up to which tweets with the hashtag are counted in its sketches."""
    return f"crowd:{{{tag}}}:read"


def tag_sketch_lost(tag: str) -> str:
    """SET: ids of tweets that have lost the hashtag since its sketches began, by an edit or a deletion."""
    return f"crowd:{{{tag}}}:lost"


def sketched_tags() -> str:
    """ZSET: hashtags with sketches, by Unix milliseconds of the last request for them."""
    return f"{_TRENDS}:crowds"


def miscounted_tags() -> str:
    """SET: hashtags whose sketches hold tweets that were removed, or lack restored ones."""
    return f"{_TRENDS}:miscounted"
