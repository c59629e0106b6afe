"""Mentions that are charged: strangers whom a tweet mentions anew."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from core.auth.tokens import utc_now
from core.errors import RateLimitedError
from core.ids import SessionId, TweetId, UserId
from core.limits import ActCharge, Limit, LimitedAct
from core.text.entities import extract_entities
from datastore.records.items import TweetRecord
from datastore.tweets.factory import build_tweet
from resolvers.identity import Identity
from resolvers.limits.mentions import mention_charges
from resolvers.services import Services
from tests.datastore.opened import follow
from tests.resolvers.users import registered

HOUR = Limit(5, 3_600_000)


@pytest.fixture
def limited(services: Services) -> Services:
    return replace(services, act_limits={LimitedAct.MENTION: HOUR})


async def people_of(services: Services, *names: str) -> list[UserId]:
    return [(await registered(services, name)).user_id for name in names]


def signed_in(user_id: UserId) -> Identity:
    return Identity(user_id, SessionId(0), utc_now() + timedelta(hours=1))


def mentioning(author: UserId, *people: UserId | None) -> TweetRecord:
    """A tweet that mentions handles which belong to these, in order; None: to nobody."""
    text = " ".join(f"@person{number}" for number in range(len(people)))
    owners = {f"person{number}": user_id for number, user_id in enumerate(people) if user_id is not None}
    return build_tweet(TweetId(1), author, text, entities=extract_entities(text), mentioned_ids=owners)


async def charged(
    services: Services, author: UserId, *people: UserId | None, known: Collection[UserId | None] = ()
) -> list[ActCharge]:
    return await mention_charges(services, signed_in(author), mentioning(author, *people), known=known)


async def test_strangers_alone_are_charged_each_once(limited: Services) -> None:
    alice, bob, carol, dave = await people_of(limited, "alice", "bob", "carol", "dave")
    await follow(limited.stores, bob, alice)
    await follow(limited.stores, alice, carol)  # who follows back is no stranger, who is followed is one
    charge = ActCharge(LimitedAct.MENTION, f"user:{alice}", HOUR, members=(carol, dave))
    assert await charged(limited, alice, dave, alice, bob, None, carol, dave) == [charge]
    assert await charged(limited, alice, alice, bob, None) == []
    assert await charged(limited, alice, carol, dave, known=(carol,)) == [charge._replace(members=(dave,))]
    assert await charged(limited, alice, carol, dave, known=(None, dave, carol)) == []


async def test_more_than_ten_handles_are_refused_whoever_has_them(limited: Services) -> None:
    (alice,) = await people_of(limited, "alice")
    assert await charged(limited, alice, *[alice] * 10) == []
    with pytest.raises(RateLimitedError, match="mentions 10 people at most") as raised:
        await charged(limited, alice, *[None] * 11)
    assert (raised.value.limit, raised.value.retry_after_seconds) == ("MENTION", 3_600)


async def test_nothing_is_charged_without_mentions_or_without_a_limit(limited: Services) -> None:
    alice, bob = await people_of(limited, "alice", "bob")
    assert await charged(limited, alice) == []
    assert await charged(replace(limited, act_limits={}), alice, *[bob] * 11) == []
