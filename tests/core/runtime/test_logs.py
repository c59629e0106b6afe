"""Log lines of one turn of the event loop go in one write, and no line is lost."""

import asyncio
import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
import structlog

from core.runtime.logs import Lines, log_event, set_up_logs, without_client

ROOT = Path(__file__).resolve().parents[3]


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


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        (
            '%s - "%s %s HTTP/%s" %d',
            ("192.0.2.1:5", "GET", "/graphql?query=%7Bviewer%7D", "1.1", 200),
            '- - "GET /graphql HTTP/1.1" 200',
        ),
        ('%s - "WebSocket %s" [accepted]', ("192.0.2.1:5", "/graphql?token=x"), '- - "WebSocket /graphql" [accepted]'),
        ("Started server process [%d]", (7,), "Started server process [7]"),
        ("Waiting for connections to close?", (), "Waiting for connections to close?"),
    ],
)
def test_lines_about_requests_have_no_address_and_no_query(
    message: str, arguments: tuple[object, ...], expected: str
) -> None:
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 1, message, arguments, None)
    assert without_client(record)
    assert record.getMessage() == expected


@pytest.mark.parametrize("name", ["uvicorn.access", "uvicorn.error"])
def test_uvicorn_writes_no_other_lines_once_logs_are_set_up(name: str) -> None:
    set_up_logs()
    assert without_client in logging.getLogger(name).filters


def test_an_event_is_logged_in_one_step_as_structlog_logs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    target = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stderr", target)
    set_up_logs()
    fields = {"operation": None, "codes": {"INTERNAL": 1}, "kind": object, "person": 7, "ms": 0.5}
    with structlog.contextvars.bound_contextvars(request_id="r", person=8):
        structlog.get_logger().info("operation", **fields)
        log_event("operation", dict(fields))
    set_up_logs(logging.WARNING)
    log_event("operation", dict(fields))
    one, other = [msgspec.json.decode(line) for line in target.buffer.getvalue().splitlines()]
    stamps = [line.pop("timestamp") for line in (one, other)]
    assert list(one.items()) == list(other.items())
    assert (one["person"], one["request_id"], one["level"]) == (7, "r", "info")
    assert [stamp[-1] for stamp in stamps] == ["Z", "Z"]


def test_an_event_is_captured_where_lines_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO()))
    set_up_logs()
    with structlog.testing.capture_logs() as lines:
        log_event("operation", {"ms": 1})
    assert lines == [{"event": "operation", "ms": 1, "log_level": "info"}]


SAY = """
import structlog, sys
from core.runtime.logs import set_up_logs
set_up_logs(as_json=sys.argv[1] == "prod")
log = structlog.get_logger()
structlog.contextvars.bind_contextvars(request_id="4f65aaa8183a9e7bcb5e8dde89b1bb56")
log.info("operation", operation="Home", ms=1.5, codes={"INTERNAL": 1})
try:
    raise KeyError("nest")
except KeyError:
    log.exception("job failed")
"""


def said(env: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", SAY, env], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stderr.splitlines()


def test_lines_of_development_are_short() -> None:
    first, second, *traceback = said("dev")
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d info operation operation=Home ms=1.5 codes={'INTERNAL': 1} request_id=4f65aaa8", first
    )
    assert re.fullmatch(r"\d\d:\d\d:\d\d error job failed request_id=4f65aaa8", second)
    assert (traceback[0], traceback[-1]) == ("Traceback (most recent call last):", "KeyError: 'nest'")


def test_lines_of_development_are_coloured_in_a_terminal_alone() -> None:
    terminal, inner = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    command = [sys.executable, "-c", SAY, "dev"]
    subprocess.run(command, stderr=inner, check=True, cwd=ROOT, env=environment)
    assert b"\x1b[" in os.read(terminal, 4096)
    subprocess.run(command, stderr=inner, check=True, cwd=ROOT, env={**environment, "NO_COLOR": "1"})
    assert b"\x1b[" not in os.read(terminal, 4096)
    os.close(inner)
    os.close(terminal)


def test_lines_of_production_are_json() -> None:
    first, second = map(json.loads, said("prod"))
    assert first["request_id"] == "4f65aaa8183a9e7bcb5e8dde89b1bb56"
    assert (first["event"], first["level"], first["ms"]) == ("operation", "info", 1.5)
    assert second["exception"].endswith("KeyError: 'nest'")
