"""Whether the home timelines of many people hold what they should."""

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


async def until_held(stores: Stores, followers: Sequence[UserId], tweet_id: int) -> None:
    """Returns once it is the newest of all their lists; looks at one of them first, which costs little."""
    homes, behind = [keys.home(follower) for follower in followers], stores.redis.register_script(_BEHIND)

    async def one_holds() -> bool:
        return bool(await stores.redis.lindex(homes[-1], 0) == str(tweet_id).encode())

    async def all_hold() -> bool:
        return bool(await behind(keys=homes, args=[tweet_id]) == 0)

    await until(one_holds)
    await until(all_hold)


async def lists_without(stores: Stores, followers: Sequence[UserId], newest_first: Sequence[int]) -> int:
    """Those in which one of the tweets is missing, there twice, or out of order."""
    right = [str(tweet_id).encode() for tweet_id in newest_first]
    wrong = 0
    for some in chunked(followers, _LISTS_AT_ONCE):
        lists = await send_all(stores.redis, [("LRANGE", keys.home(follower), 0, -1) for follower in some])
        wrong += sum([item for item in found if item in right] != right for found in lists)
    return wrong
