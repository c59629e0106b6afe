"""Messages of one iteration of the event loop are written together, in order."""

import asyncio

from transport.server.write_batch import BATCH_SIZE, WriteBatch


async def test_messages_of_one_iteration_are_written_in_order_at_its_end() -> None:
    batch, written = WriteBatch(), list[bytes]()
    for data in (b"1", b"2"):
        batch.add(written.append, data)
    assert written == []
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]
    batch.add(written.append, b"3")
    await asyncio.sleep(0)
    assert written == [b"1", b"2", b"3"]


async def test_a_flush_keeps_the_order_with_other_writes() -> None:
    batch, written = WriteBatch(), list[bytes]()
    batch.add(written.append, b"1")
    batch.flush()
    written.append(b"2")
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]


async def test_a_full_batch_is_written_at_once() -> None:
    batch, written = WriteBatch(), list[bytes]()
    for _ in range(BATCH_SIZE + 1):
        batch.add(written.append, b"1")
    assert len(written) == BATCH_SIZE
    await asyncio.sleep(0)
    assert len(written) == BATCH_SIZE + 1
