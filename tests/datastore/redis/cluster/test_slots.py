"""Where keys lie: by their tags, one slot for all that a person, a tweet or a queue has."""

import pytest

from core.ids import TweetId, UserId
from core.redis_cluster_url import Address
from datastore.jobs.jobs import FANOUT
from datastore.redis import keys
from datastore.redis.cluster.slots import CrossSlotError, Shard, SlotMap, joined, parts_of, slot_of

PERSON, TWEET = UserId(123 << 22), TweetId(456 << 22)


def test_a_slot_is_that_of_the_specification() -> None:
    assert slot_of("123456789") == 0x31C3
    assert slot_of("{user1000}.following") == slot_of("user1000")
    assert slot_of("foo{}{bar}") == slot_of(b"foo{}{bar}") != slot_of("bar")


def test_all_that_scripts_touch_together_lies_in_one_slot() -> None:
    home, notes = keys.home(PERSON), keys.notes(PERSON)
    of_person = [home, notes, *keys.siblings(home), *keys.siblings(notes), keys.told(PERSON, 1), keys.bell(home)]
    assert len({slot_of(key) for key in [*of_person, keys.build(PERSON), keys.joined(PERSON), keys.bell(notes)]}) == 1
    assert {keys.build(PERSON), keys.joined(PERSON), keys.live(home), keys.log(home)} == set(keys.siblings(home))
    assert slot_of(keys.jobs(FANOUT)) == slot_of(keys.dead_jobs(FANOUT))
    assert slot_of(keys.worker_lease(7)) == slot_of(keys.worker_clock(7))


def test_all_of_a_person_and_all_of_a_tweet_lies_in_one_slot() -> None:
    of_person = [key(PERSON) for key in (keys.user, keys.user_counts, keys.viewpoint, keys.marks, keys.interests)]
    assert {slot_of(key) for key in of_person} == {slot_of(keys.home(PERSON))}
    of_tweet = [key(TWEET) for key in (keys.tweet, keys.tweet_counts, keys.retweet_log)]
    assert len({slot_of(key) for key in [*of_tweet, keys.counting("counters", TWEET)]}) == 1


def test_all_that_trends_write_together_lies_in_one_slot() -> None:
    of_all = [keys.trends(), keys.trends_lease(), keys.trends_hour(1), keys.trends_hour(2), keys.crowds()]
    assert len({slot_of(key) for key in of_all}) == 1
    of_crowd = [
        keys.crowd(tag, kind, "a", hour) for tag in ("café",) for kind in ("tweets", "accounts") for hour in (1, 2)
    ]
    assert {slot_of(key) for key in of_crowd} == {slot_of(keys.crowd_read("café"))}


def test_a_command_over_slots_is_taken_apart_and_put_together() -> None:
    words = ("MGET", "a", "b", "{a}2")
    parts = parts_of(words)

    assert [list(part.words) for part in parts] == [["MGET", "a", "{a}2"], ["MGET", "b"]]
    assert joined(words, parts, [[1, 3], [2]]) == [1, 2, 3]
    assert joined(("DEL", "a", "b"), parts_of(("DEL", "a", "b")), [1, 0]) == 1
    error = ValueError()
    assert joined(words, parts, [[1, 3], error]) is error


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("SET", "a", "b"), "a"),
        (("EVALSHA", "digest", 2, "a", "{a}2", "b"), "a"),
        (("XREADGROUP", "GROUP", "g", "c", b"STREAMS", "a", ">"), "a"),
        (("XGROUP CREATE", "a", "g"), "a"),
    ],
)
def test_the_keys_of_a_command_tell_its_slot(words: tuple[object, ...], key: str) -> None:
    assert [part.slot for part in parts_of(words)] == [slot_of(key)]


def test_a_script_over_slots_is_refused() -> None:
    with pytest.raises(CrossSlotError, match="2 slots"):
        parts_of(("EVALSHA", "digest", 2, "a", "b"))


def test_a_map_knows_shards_and_learns_of_single_slots() -> None:
    one, two, new = Shard(Address("one", 1), (Address("replica", 1),)), Shard(Address("two", 2)), Address("new", 3)
    slots = SlotMap([(0, 100, one), (101, 16_383, two)])

    slots.move(5, two.master)
    slots.move(6, new)

    assert [slots.shard_of(slot) for slot in (4, 5, 6, 100, 101)] == [one, two, Shard(new), one, two]
    assert set(slots.shards()) == {one, two, Shard(new)}
