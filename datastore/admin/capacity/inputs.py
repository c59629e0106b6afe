"""Inputs of a capacity plan: the load of a network, costs of single acts, machines and prices."""

from dataclasses import dataclass

DAY_SECONDS = 86_400
MONTH_DAYS = 30
GB, TB = 1e9, 1e12
ACTS = ("like", "retweet", "follow", "unfollow")
"""Acts that are planned for, beside tweets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The load of a network.

    `mean_followers` counts each author once per post. `pages_per_user` are home timeline pages a day. `live` is the
    share of people with a subscription open. `peak` is the busiest second as a multiple of the mean. `copies` are kept
    of every list and document. `kept_days` are the days for which tweets, retweets, likes and pictures count.
    """

    daily_users: float
    tweets_per_user: float
    mean_followers: float
    likes_per_user: float = 0
    retweets_per_user: float = 0
    follows_per_user: float = 0
    unfollows_per_user: float = 0
    pictures_per_user: float = 0
    picture_views_per_user: float = 0
    mails_per_user: float = 0
    pages_per_user: float = 100
    live: float = 0.05
    peak: float = 3
    copies: int = 3
    kept_days: float = 365

    @property
    def tweets(self) -> float:
        """Mean, per second."""
        return self.daily_users * self.tweets_per_user / DAY_SECONDS

    @property
    def pushes(self) -> float:
        """Into home timelines; mean, per second."""
        return (self.tweets + self.acts_of("retweet")) * self.mean_followers

    @property
    def acts(self) -> float:
        """All kinds in ACTS; mean, per second."""
        return sum(map(self.acts_of, ACTS))

    def acts_of(self, act: str) -> float:
        """Mean, per second."""
        per_user: float = getattr(self, f"{act}s_per_user")
        return self.daily_users * per_user / DAY_SECONDS

    @property
    def pages(self) -> float:
        """Mean, per second."""
        return self.daily_users * self.pages_per_user / DAY_SECONDS

    @property
    def pictures(self) -> float:
        """Posted; mean, per second."""
        return self.daily_users * self.pictures_per_user / DAY_SECONDS

    @property
    def picture_views(self) -> float:
        """Mean, per second."""
        return self.daily_users * self.picture_views_per_user / DAY_SECONDS

    @property
    def mails(self) -> float:
        """Mean, per second."""
        return self.daily_users * self.mails_per_user / DAY_SECONDS

    @property
    def sockets(self) -> float:
        return self.daily_users * self.live

    @property
    def events(self) -> float:
        """To sockets; mean, per second. The share of live people is also that of pushes whose reader is live."""
        return self.pushes * self.live


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """`_us` is processor time in microseconds, of the process that the name begins with."""

    list_bytes: float
    cached_tweet_bytes: float
    redis_push_us: float
    redis_page_us: float
    worker_push_us: float
    worker_post_us: float
    api_page_us: float
    api_post_us: float
    api_event_us: float
    mongo_post_us: float
    mongo_push_us: float
    socket_bytes: float
    page_wire_bytes: float
    event_wire_bytes: float
    tweet_disk_bytes: float
    person_disk_bytes: float
    follow_disk_bytes: float
    like_disk_bytes: float
    api_like_us: float
    worker_like_us: float
    mongo_like_us: float
    redis_like_us: float
    api_retweet_us: float
    worker_retweet_us: float
    mongo_retweet_us: float
    redis_retweet_us: float
    api_follow_us: float
    worker_follow_us: float
    mongo_follow_us: float
    redis_follow_us: float
    api_unfollow_us: float
    worker_unfollow_us: float
    mongo_unfollow_us: float
    redis_unfollow_us: float
    worker_picture_us: float
    picture_stored_bytes: float
    picture_wire_bytes: float
    worker_mail_us: float
    mongo_mail_us: float
    redis_mail_us: float

    def of_act(self, part: str, act: str) -> float:
        """`part`: api, worker, mongo, redis."""
        cost: float = getattr(self, f"{part}_{act}_us")
        return cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """One machine of each kind. `busy` and `full` are the shares used; the rest is for failures and growth."""

    busy: float = 0.6
    full: float = 0.7
    server_cores: float = 16
    server_gb: float = 64
    redis_gb: float = 32
    mongo_cores: float = 16
    mongo_disk_tb: float = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Dollars a month. `picture_tb` is that of a storage which keeps copies itself."""

    core: float = 20
    memory_gb: float = 2.5
    disk_tb: float = 90
    picture_tb: float = 23
    traffic_tb: float = 20
