"""Key tracking: which keys are current, and on which connections a read needs a barrier."""

import asyncio

from datastore.redis.node.tracking import UNTRACKED, KeyTracking, TrackedKeys, read_barriers


class Connection:
    """A connection that records its barriers."""

    def __init__(self, *, is_tracking: bool = True, answered_at: float = 0.0) -> None:
        self.is_tracking, self.last_answered_sent_at = is_tracking, answered_at
        self.barriers: list[asyncio.Future[None]] = []

    def read_barrier(self) -> "asyncio.Future[None]":
        self.barriers.append(asyncio.get_running_loop().create_future())
        return self.barriers[-1]


def test_key_has_one_tracking_until_it_changes() -> None:
    keys = TrackedKeys(Connection())
    first = keys.track(b"a")
    assert keys.track(b"a") is first
    keys.on_push([b"invalidate", [b"a", b"unknown"]])
    assert not first.is_current
    second = keys.track(b"a")
    assert second is not first
    assert second.is_current


def test_change_of_one_key_leaves_the_others_current() -> None:
    keys = TrackedKeys(Connection())
    one, other = keys.track(b"one"), keys.track(b"other")
    keys.on_push([b"invalidate", [b"one"]])
    assert [one.is_current, other.is_current] == [False, True]


def test_invalidation_without_keys_is_of_all_keys() -> None:
    keys = TrackedKeys(Connection())
    trackings = [keys.track(b"one"), keys.track(b"other")]
    keys.on_push([b"invalidate", None])
    assert [tracking.is_current for tracking in trackings] == [False, False]


def test_other_pushes_change_nothing() -> None:
    keys = TrackedKeys(Connection())
    tracking = keys.track(b"a")
    keys.on_push([b"message", b"a", b"b"])
    assert tracking.is_current


def test_oldest_key_beyond_the_limit_is_not_current() -> None:
    keys = TrackedKeys(Connection())
    trackings = [keys.track(b"%d" % number) for number in range(50_001)]
    assert [tracking.is_current for tracking in (trackings[0], trackings[1], trackings[-1])] == [False, True, True]


def test_keys_of_an_untracked_connection_are_never_current() -> None:
    assert not TrackedKeys(Connection(is_tracking=False)).track(b"a").is_current
    assert not UNTRACKED.is_current


async def test_barrier_is_needed_once_per_connection_that_answered_nothing_sent_later() -> None:
    early, late = Connection(answered_at=5.0), Connection(answered_at=5.1)
    trackings = [KeyTracking(early), KeyTracking(early), KeyTracking(late), UNTRACKED]
    assert read_barriers(trackings, since=5.0) == early.barriers
    assert (len(early.barriers), len(late.barriers)) == (1, 0)
    assert read_barriers(trackings, since=4.9) == []
