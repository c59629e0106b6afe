"""Checks that the home lists of many followers are complete."""

from collections.abc import Sequence

from bench.harness.waiting import until
from core.ids import UserId
from datastore.mongo.bulk import chunked
from datastore.redis import keys
from datastore.redis.client import send_all
from datastore.stores import Stores

_LISTS_AT_ONCE = 500
_BEHIND = """
local behind = 0
for _, home in ipairs(KEYS) do
  if redis.call('LINDEX', home, 0) ~= ARGV[1] then behind = behind + 1 end
end
return behind
"""


async def until_delivered(stores: Stores, followers: Sequence[UserId], tweet_id: int) -> None:
    """Waits until the tweet is the newest in all lists; polls one of them first, which is cheaper."""
    homes, behind = [keys.home(follower) for follower in followers], stores.redis.register_script(_BEHIND)

    async def one_holds() -> bool:
        return bool(await stores.redis.lindex(homes[-1], 0) == str(tweet_id).encode())

    async def all_hold() -> bool:
        return bool(await behind(keys=homes, args=[tweet_id]) == 0)

    await until(one_holds)
    await until(all_hold)


async def count_wrong_lists(stores: Stores, followers: Sequence[UserId], newest_first: Sequence[int]) -> int:
    """The number of lists in which one of the tweets is missing, duplicated or out of order."""
    right = [str(tweet_id).encode() for tweet_id in newest_first]
    wrong = 0
    for some in chunked(followers, _LISTS_AT_ONCE):
        lists = await send_all(stores.redis, [("LRANGE", keys.home(follower), 0, -1) for follower in some])
        wrong += sum([item for item in found if item in right] != right for found in lists)
    return wrong
