"""Users and tweets that the calls are made with."""

from dataclasses import dataclass

from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, TweetId, UserId
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.users.viewpoint_records import Viewpoint
from tests.datastore.opened import follow, new_tweet, new_users


@dataclass(frozen=True, slots=True)
class Scene:
    """Alice follows bob and wrote the tweet, to which bob replied; carol has done nothing."""

    stores: Stores
    alice: UserId
    bob: UserId
    carol: UserId
    tweet: TweetRecord
    answer: TweetRecord

    @property
    def view(self) -> Viewpoint:
        """Alice's viewpoint, as if she also followed a hashtag and bob were a fan-out-on-read author."""
        bob = frozenset({self.bob})
        return Viewpoint(self.alice, bob, tags=frozenset({"rook"}), fanout_on_read=bob)

    def id(self) -> int:
        return self.stores.ids()

    def tweet_id(self) -> TweetId:
        return TweetId(self.stores.ids())


async def set_up(stores: Stores) -> Scene:
    alice, bob, carol = await new_users(stores, "alice", "bob", "carol")
    tweet = await new_tweet(stores, alice)
    answer = await new_tweet(stores, bob, tweet)
    await follow(stores, alice, bob)
    await stores.users.sessions.insert(SessionId(stores.ids()), alice, UNKNOWN_DEVICE)
    return Scene(stores, alice, bob, carol, tweet, answer)
