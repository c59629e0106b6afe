"""Channels: when a gap is pending, and what a moved channel keeps."""

from datastore.redis.pubsub.channels import Channel, Gap, GapReason


def test_interrupted_channel_is_unconfirmed_and_owes_a_gap() -> None:
    channel = Channel(b"room", 7)
    channel.confirmed.set()
    channel.interrupt()
    assert (channel.confirmed.is_set(), channel.pending_gap) == (False, GapReason.RECONNECTED)


def test_channel_that_was_never_confirmed_owes_no_gap_for_an_interruption() -> None:
    channel = Channel(b"room", 7)
    channel.interrupt()
    assert channel.pending_gap is None
    channel.pending_gap = GapReason.JOINED
    channel.interrupt()
    assert channel.pending_gap is GapReason.JOINED


def test_moved_channel_is_another_object_with_the_same_waiters() -> None:
    channel = Channel(b"room", 7)
    channel.confirmed.set()
    moved = channel.moved()
    assert moved is not channel
    assert (moved.name, moved.slot, moved.pending_gap) == (b"room", 7, GapReason.RECONNECTED)
    assert moved.confirmed is channel.confirmed
    assert not moved.confirmed.is_set()


def test_message_of_a_gap_is_its_reason() -> None:
    gap = Gap("room", GapReason.TOO_SLOW)
    assert (gap.channel, gap.message) == ("room", "too slow")
