"""Hash slots: all keys of a person, a tweet or a queue share one, and commands are split and merged by slot."""

import pytest

from core.ids import TweetId, UserId
from core.network.redis_cluster_url import Address
from datastore.jobs.routing import FANOUT
from datastore.redis import job_keys, keys, trend_keys
from datastore.redis.cluster.slots import CrossSlotError, Shard, SlotMap, merge_replies, slot_of, split_by_slot
from datastore.redis.node.commands import Command

PERSON, TWEET = UserId(123 << 22), TweetId(456 << 22)


def test_slot_follows_the_specification() -> None:
    assert slot_of("123456789") == 0x31C3
    assert slot_of("{user1000}.following") == slot_of("user1000")
    assert slot_of("foo{}{bar}") == slot_of(b"foo{}{bar}") != slot_of("bar")


def test_keys_that_a_script_touches_together_share_a_slot() -> None:
    home, notes = keys.home(PERSON), keys.notifications(PERSON)
    of_user = [
        home,
        notes,
        *keys.siblings(home),
        *keys.siblings(notes),
        keys.version_published(PERSON, 1),
        keys.log_channel(home),
    ]
    assert (
        len(
            {
                slot_of(key)
                for key in [
                    *of_user,
                    keys.rebuild_token(PERSON),
                    keys.audiences_joined(PERSON),
                    keys.log_channel(notes),
                ]
            }
        )
        == 1
    )
    assert {keys.rebuild_token(PERSON), keys.audiences_joined(PERSON), keys.live(home), keys.log(home)} == set(
        keys.siblings(home)
    )
    assert slot_of(job_keys.jobs(FANOUT)) == slot_of(job_keys.dead_jobs(FANOUT))
    assert slot_of(job_keys.worker_lease(7)) == slot_of(job_keys.worker_clock(7))


def test_keys_of_a_person_share_a_slot_and_so_do_those_of_a_tweet() -> None:
    of_user = [
        key(PERSON) for key in (keys.user, keys.user_counts, keys.viewpoint, keys.recent_interactions, keys.interests)
    ]
    assert {slot_of(key) for key in of_user} == {slot_of(keys.home(PERSON))}
    of_tweet = [key(TWEET) for key in (keys.tweet, keys.tweet_counts, keys.retweet_log)]
    assert len({slot_of(key) for key in [*of_tweet, keys.counts_written("counters", TWEET)]}) == 1


def test_keys_that_trends_write_together_share_a_slot() -> None:
    hours = [trend_keys.trends_hour(hour) for hour in (1, 2)]
    of_all = [trend_keys.trends(), trend_keys.trends_lease(), *hours, trend_keys.sketched_tags()]
    assert len({slot_of(key) for key in of_all}) == 1
    sketch_keys = [
        trend_keys.tag_sketch(tag, kind, "a", hour)
        for tag in ("café",)
        for kind in ("tweets", "accounts")
        for hour in (1, 2)
    ]
    assert {slot_of(key) for key in sketch_keys} == {slot_of(trend_keys.tag_sketch_position("café"))}


def test_command_over_several_slots_is_split_and_its_replies_are_merged() -> None:
    command = ("MGET", "a", "b", "{a}2")
    parts = split_by_slot(command)

    assert [list(part.command) for part in parts] == [["MGET", "a", "{a}2"], ["MGET", "b"]]
    assert merge_replies(command, parts, [[1, 3], [2]]) == [1, 2, 3]
    assert merge_replies(("DEL", "a", "b"), split_by_slot(("DEL", "a", "b")), [1, 0]) == 1
    error = ValueError()
    assert merge_replies(command, parts, [[1, 3], error]) is error


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("SET", "a", "b"), "a"),
        (("EVALSHA", "digest", 2, "a", "{a}2", "b"), "a"),
        (("XREADGROUP", "GROUP", "g", "c", b"STREAMS", "a", ">"), "a"),
        (("XGROUP CREATE", "a", "g"), "a"),
    ],
)
def test_slot_of_a_command_is_that_of_its_keys(command: Command, key: str) -> None:
    assert [part.slot for part in split_by_slot(command)] == [slot_of(key)]


def test_script_over_several_slots_is_refused() -> None:
    with pytest.raises(CrossSlotError, match="2 slots"):
        split_by_slot(("EVALSHA", "digest", 2, "a", "b"))


def test_slot_map_moves_single_slots_between_shards() -> None:
    one, two, new = Shard(Address("one", 1), (Address("replica", 1),)), Shard(Address("two", 2)), Address("new", 3)
    slots = SlotMap([(0, 100, one), (101, 16_383, two)])

    slots.move(5, two.master)
    slots.move(6, new)

    assert [slots.shard_of(slot) for slot in (4, 5, 6, 100, 101)] == [one, two, Shard(new), one, two]
    assert set(slots.shards()) == {one, two, Shard(new)}
