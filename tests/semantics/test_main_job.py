"""The main job end to end: sign up, follow, tweet; the follower reads it at home and receives it live."""

from tests.support.people import sign_up
from tests.support.service import Service
from tests.support.waiting import eventually


async def test_follower_reads_tweet_at_home_and_receives_it_live(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    await bob.follow(alice)
    await service.settle()
    page = await bob.home()
    assert page["edges"] == []

    async with bob.socket() as socket:
        await socket.watch_home(after=page["headCursor"])
        tweet_id = await alice.post("hello rooks")
        event = await socket.event()

    assert event["__typename"] == "TimelineItemAdded"
    assert event["edge"]["node"] == {"id": tweet_id, "text": "hello rooks"}
    assert event["edge"]["reason"] == "FOLLOWING"
    assert await bob.home_texts() == ["hello rooks"]
    assert await eventually(alice.home_texts) == ["hello rooks"]


async def test_deleted_tweet_leaves_home_and_stream(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    await bob.follow(alice)
    tweet_id = await alice.post("gone soon")
    await service.settle()
    head = (await bob.home())["headCursor"]

    await alice.delete(tweet_id)
    async with bob.socket() as socket:
        await socket.watch_home(after=head)
        event = await socket.event()

    assert event["__typename"] == "TimelineItemRemoved"
    assert event["nodeId"] == tweet_id
    assert await bob.home_texts() == []


async def test_following_brings_in_the_past_and_unfollowing_takes_it_out(service: Service) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    texts = [f"tweet {number}" for number in range(5)]
    for text in texts:
        await alice.post(text)
    await bob.post("mine")
    await service.settle()
    head = (await bob.home())["headCursor"]

    await bob.follow(alice)
    await service.settle()
    assert await bob.home_texts() == ["mine", *reversed(texts)]
    async with bob.socket() as socket:
        await socket.watch_home(after=head)
        event = await socket.event()
    assert (event["__typename"], event["reason"]) == ("TimelineReset", "REBUILT")

    await bob.unfollow(alice)
    assert await bob.home_texts() == ["mine"]
