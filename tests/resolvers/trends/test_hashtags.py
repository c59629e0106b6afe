"""Following hashtags as use cases."""

import pytest

from core.errors import RefusalError, UserErrorCode
from datastore.trends.hashtags import FollowedTag
from resolvers.services import Services
from resolvers.trends.hashtags import follow_hashtag, followed_hashtags, hashtag, unfollow_hashtag
from tests.resolvers.users import registered


async def test_hashtags_are_followed_under_their_key_most_recent_first(services: Services) -> None:
    alice = await registered(services, "alice")
    for name in ("#Café", "rooks", "CAFE"):
        await follow_hashtag(services, alice, name)
    assert await followed_hashtags(services.stores.trends, alice) == [
        FollowedTag("rooks", "rooks"),
        FollowedTag("cafe", "Café"),
    ]
    for _ in range(2):
        assert await unfollow_hashtag(services, alice, "#CAFÉ") == FollowedTag("cafe", "CAFÉ")
    assert await followed_hashtags(services.stores.trends, alice) == [FollowedTag("rooks", "rooks")]


async def test_invalid_name_is_refused_and_is_no_hashtag(services: Services) -> None:
    alice = await registered(services, "alice")
    for act in (follow_hashtag, unfollow_hashtag):
        with pytest.raises(RefusalError) as raised:
            await act(services, alice, "two words")
        assert [(error.code, error.field) for error in raised.value.errors] == [(UserErrorCode.INVALID, ("name",))]
    assert await followed_hashtags(services.stores.trends, alice) == []
    assert await hashtag(services.stores.trends, "two words") is None


async def test_unused_hashtag_keeps_the_given_spelling(services: Services) -> None:
    assert await hashtag(services.stores.trends, "#NeverUsedBefore") == FollowedTag(
        "neverusedbefore", "NeverUsedBefore"
    )
