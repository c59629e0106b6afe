"""Users for tests of use cases, who act without the API."""

from core.ids import UserId
from datastore.records.items import TweetRecord
from resolvers.accounts import profiles
from resolvers.accounts.profiles import ProfileChanges
from resolvers.accounts.registration import Registration, register
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.tweets.tweets import Posting, post_tweet
from tests.support.people import PASSWORD, unused_handle

UNKNOWN_USER = UserId(1)


async def registered(services: Services, name: str, *, is_protected: bool = False) -> Identity:
    handle = unused_handle(name)
    wanted = Registration(handle, name, f"{handle}@example.org", PASSWORD)
    signed_in = await register(services, wanted, address="127.0.0.1")
    assert signed_in is not None
    identity = signed_in.identity
    if is_protected:
        await profiles.update_profile(services, identity, ProfileChanges({"is_protected": True}))
    return identity


async def posted(services: Services, identity: Identity, text: str = "hello") -> TweetRecord:
    return await post_tweet(services, identity, Posting(text))
