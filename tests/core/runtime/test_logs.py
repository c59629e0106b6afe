"""Log lines of one turn of the event loop go in one write, and no line is lost."""

import asyncio
import io
import threading

from core.runtime.logs import Lines


class Target(io.BytesIO):
    """A target that records each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, data: object) -> int:
        self.writes += 1
        return super().write(data)  # type: ignore[arg-type]


async def test_lines_of_one_turn_are_one_write() -> None:
    target = Target()
    lines = Lines(target)
    for line in (b"one", b"two", b"three"):
        lines.msg(line)
    assert target.getvalue() == b""
    await asyncio.sleep(0)
    assert (target.getvalue(), target.writes) == (b"one\ntwo\nthree\n", 1)
    lines.msg(b"four")
    await asyncio.sleep(0)
    assert target.getvalue().endswith(b"four\n")


def test_without_a_loop_each_line_is_written_at_once() -> None:
    target = Target()
    lines = Lines(target)
    lines.msg(b"one")
    lines.msg(b"two")
    assert (target.getvalue(), target.writes) == (b"one\ntwo\n", 2)


async def test_lines_of_other_threads_are_not_lost() -> None:
    target = Target()
    lines = Lines(target)
    threads = [threading.Thread(target=lines.msg, args=(b"from a thread",)) for _ in range(5)]
    lines.msg(b"from the loop")
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    await asyncio.sleep(0)
    assert sorted(target.getvalue().splitlines()) == [b"from a thread"] * 5 + [b"from the loop"]


def test_what_a_loop_did_not_come_to_write_is_written_after_it() -> None:
    target = Target()
    lines = Lines(target)

    async def last_turn() -> None:
        lines.msg(b"one")

    loop = asyncio.new_event_loop()
    task = loop.create_task(last_turn())
    task.add_done_callback(lambda _: loop.stop())
    loop.run_forever()
    loop.close()
    lines.msg(b"two")
    lines.write()
    assert target.getvalue() == b"one\ntwo\n"
