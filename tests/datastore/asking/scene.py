"""Who and what the stores are asked about."""

from dataclasses import dataclass

from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, TweetId, UserId
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from datastore.users.viewpoints import Viewpoint
from tests.datastore.opened import follow, new_tweet, new_users


@dataclass(frozen=True, slots=True)
class Scene:
    """Alice follows bob and wrote the tweet, which bob answered; carol has done nothing yet."""

    stores: Stores
    alice: UserId
    bob: UserId
    carol: UserId
    tweet: TweetRecord
    answer: TweetRecord

    @property
    def view(self) -> Viewpoint:
        """Alice's, as if she followed a hashtag, too, and bob's items were not pushed."""
        bob = frozenset({self.bob})
        return Viewpoint(self.alice, bob, tags=frozenset({"rook"}), merged=bob)

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
