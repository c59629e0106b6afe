"""The outbox of pushes."""

from msgspec import structs

from core.ids import wall_ms
from datastore.jobs.pushes import DELAY_MS, Deferred, Finished, WantedPush
from datastore.stores import Stores

HOUR_MS = 3_600_000


async def test_a_push_is_taken_once_and_told_later_of_what_came_meanwhile(opened: Stores) -> None:
    store, one = opened.jobs.outbox.pushes, WantedPush(*(1, 2, 3, 1))  # type: ignore[arg-type]
    before = wall_ms()
    (job,) = await store.add([one, one._replace(version=2)])
    assert before + DELAY_MS <= job.due_ms <= wall_ms() + DELAY_MS
    assert await store.add([one]) == [job]
    (another,) = await store.add([one._replace(group_id=4)])
    none, taken, twice = await store.take([structs.replace(another, due_ms=1), job, job])
    assert none is None
    assert twice is None
    assert taken is not None
    assert (taken.job, taken.version, taken.told) == (job, 2, 0)
    assert await store.take([job]) == [None]
    (its,) = await store.take([another])
    assert its is not None
    await store.conclude([Finished(taken, 9), Deferred(its, before)])
    (put_off,) = await store.overdue(wall_ms() + HOUR_MS, 9)
    assert (put_off.group_id, put_off.due_ms) == (4, before)
    await store.delete(put_off)
    assert await store.overdue(wall_ms() + HOUR_MS, 9) == []
    (again,) = await store.add([one._replace(version=3)])
    assert again.due_ms > before + 30_000
    (taken,) = await store.take([again])
    assert taken is not None
    assert taken.told == 9
    await store.add([one._replace(version=4)])
    await store.conclude([Finished(taken, 9)])
    (later,) = await store.overdue(wall_ms() + HOUR_MS, 9)
    assert later.due_ms < again.due_ms
    await store.delete(later)
    assert await store.overdue(wall_ms() + HOUR_MS, 9) == []
