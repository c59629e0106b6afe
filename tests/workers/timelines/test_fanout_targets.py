"""Fan-out targets: followers by pages up to the limit, live followers beyond it, and late posts."""

import pytest

from core.ids import UserId
from datastore.redis import keys
from datastore.stores import Stores
from tests.datastore.opened import follow, is_fanout_on_read, new_user, new_users
from tests.workers.conftest import FANOUT_LIMIT
from workers.timelines.fanout_targets import PAGE_SIZE, late_target_pages, page_size, target_pages

PAGE = 2


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.timelines.fanout_targets.PAGE_SIZE", PAGE)


async def author_with_followers(stores: Stores, count: int) -> tuple[UserId, list[UserId]]:
    author, followers = await new_user(stores, "author"), await new_users(stores, *["follower"] * count)
    for follower in followers:
        await follow(stores, follower, author)
    return author, followers


async def pages_of(stores: Stores, author: UserId) -> list[list[UserId]]:
    return [page async for page in target_pages(stores, author)]


async def late_pages_of(stores: Stores, author: UserId, limit: int) -> list[list[UserId]]:
    return [page async for page in late_target_pages(stores, author, limit)]


async def make_live(stores: Stores, *user_ids: UserId) -> None:
    for user_id in user_ids:
        await stores.timelines.home.range(user_id, 1)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (PAGE, [PAGE]), (FANOUT_LIMIT, [PAGE, 1])])
async def test_up_to_the_limit_all_followers_are_targets(opened: Stores, count: int, sizes: list[int]) -> None:
    author, followers = await author_with_followers(opened, count)
    pages = await pages_of(opened, author)
    assert [len(page) for page in pages] == sizes
    assert [user_id for page in pages for user_id in page] == followers
    assert not await is_fanout_on_read(opened, author)
    assert await opened.redis.exists(keys.audience(author)) == 0


@pytest.mark.parametrize("above", [1, 3])
async def test_above_the_limit_all_followers_are_targets_until_they_expire(opened: Stores, above: int) -> None:
    author, followers = await author_with_followers(opened, FANOUT_LIMIT + above)
    assert sorted(user_id for page in await pages_of(opened, author) for user_id in page) == followers
    assert await is_fanout_on_read(opened, author)
    assert await opened.users.fanout_state.has_live_follower_set(author)
    for follower in followers:
        assert (await opened.users.viewpoints.get(follower)).fanout_on_read == {author}

    await opened.redis.zadd(keys.audience(author), {str(followers[0]): 1})

    assert sorted(user_id for page in await pages_of(opened, author) for user_id in page) == followers[1:]


async def test_a_reader_who_joins_is_a_target_again(opened: Stores) -> None:
    author, followers = await author_with_followers(opened, FANOUT_LIMIT + 1)
    await pages_of(opened, author)
    await opened.redis.delete(keys.audience(author))
    assert await pages_of(opened, author) == []

    await opened.timelines.live_followers.join(followers[2], [author])

    assert await pages_of(opened, author) == [[followers[2]]]


@pytest.mark.parametrize(("count", "limit"), [(1, 1), (2, 2), (FANOUT_LIMIT, FANOUT_LIMIT)])
async def test_a_late_post_of_an_author_with_few_followers_is_for_all_of_them(
    opened: Stores, count: int, limit: int
) -> None:
    author, followers = await author_with_followers(opened, count)
    assert [user_id for page in await late_pages_of(opened, author, limit) for user_id in page] == followers
    assert not await is_fanout_on_read(opened, author)


async def test_a_late_post_of_an_author_with_many_followers_is_for_live_readers(opened: Stores) -> None:
    author, followers = await author_with_followers(opened, FANOUT_LIMIT)
    await make_live(opened, followers[1])
    assert await late_pages_of(opened, author, FANOUT_LIMIT - 1) == [[followers[1]]]
    assert await is_fanout_on_read(opened, author)


async def test_without_live_readers_a_late_post_has_no_targets(opened: Stores) -> None:
    author, _ = await author_with_followers(opened, FANOUT_LIMIT)
    assert await late_pages_of(opened, author, 1) == []


async def test_a_node_has_pages_of_one_script_call(opened: Stores) -> None:
    assert page_size(opened) == PAGE
    assert PAGE_SIZE == 500
