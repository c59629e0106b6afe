"""Redis restarts under an open socket: each notification is sent once."""

from tests.subscriptions.test_notifications import grown, is_quiet, watch
from tests.support.people import Socket, sign_up
from tests.support.scenarios.notifications import LIKE, notifications
from tests.support.service import Service
from tests.support.stores import OwnStore


async def liked_tweets(socket: Socket, count: int) -> list[str]:
    """The tweets of the next changed groups."""
    events = [await socket.event(within=20.0) for _ in range(count)]
    assert [grown(event)[:2] for event in events] == [("LIKE", 1)] * count
    return [event["notification"]["tweet"]["id"] for event in events]


async def test_events_resume_after_restarts_and_none_is_lost(frail_service: Service, valkey: OwnStore) -> None:
    alice, bob = await sign_up(frail_service, "alice"), await sign_up(frail_service, "bob")
    tweets = [await alice.post(f"tweet {number}") for number in range(6)]
    head = (await notifications(alice))["headCursor"]
    async with alice.socket() as socket:
        await watch(socket, head)
        await bob.act(LIKE, id=tweets[0])
        assert await liked_tweets(socket, 1) == tweets[:1]
        for before, meanwhile in (tweets[1:3], tweets[3:5]):
            await bob.act(LIKE, id=before)
            await valkey.kill()
            await bob.act(LIKE, id=meanwhile)
            await valkey.restart()
            assert sorted(await liked_tweets(socket, 2)) == sorted([before, meanwhile])
        await bob.act(LIKE, id=tweets[5])
        assert await liked_tweets(socket, 1) == tweets[5:]
        await frail_service.settle()
        assert await is_quiet(socket)
    page = await notifications(alice)
    assert (page["unreadCount"], len(page["edges"])) == (6, 6)


async def test_notifications_are_readable_without_redis(frail_service: Service, valkey: OwnStore) -> None:
    alice, bob = await sign_up(frail_service, "alice"), await sign_up(frail_service, "bob")
    await bob.follow(alice)
    await frail_service.settle()
    await valkey.kill()
    answer = await alice.ask("{ notifications { unreadCount edges { node { kind } } } }")
    assert answer["notifications"] == {"unreadCount": 1, "edges": [{"node": {"kind": "FOLLOW"}}]}
    await valkey.restart()
