"""Messages of one turn of the loop are written together, in their order."""

import asyncio

from transport.server.write_batch import AT_ONCE, WritingTurn


async def test_what_is_added_in_one_turn_is_written_in_the_next_in_order() -> None:
    turn, written = WritingTurn(), list[bytes]()
    for data in (b"1", b"2"):
        turn.add(written.append, data)
    assert written == []
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]
    turn.add(written.append, b"3")
    await asyncio.sleep(0)
    assert written == [b"1", b"2", b"3"]


async def test_who_writes_otherwise_comes_after_what_waits() -> None:
    turn, written = WritingTurn(), list[bytes]()
    turn.add(written.append, b"1")
    turn.end()
    written.append(b"2")
    await asyncio.sleep(0)
    assert written == [b"1", b"2"]


async def test_a_crowd_does_not_wait_for_the_last_of_it() -> None:
    turn, written = WritingTurn(), list[bytes]()
    for _ in range(AT_ONCE + 1):
        turn.add(written.append, b"1")
    assert len(written) == AT_ONCE
    await asyncio.sleep(0)
    assert len(written) == AT_ONCE + 1
