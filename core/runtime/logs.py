"""Logs as JSON lines on standard error. They never hold variables, tokens, addresses or the text of tweets."""

import asyncio
import atexit
import logging
import sys
from collections import deque
from typing import BinaryIO

import msgspec
import structlog

_encode = msgspec.json.Encoder(enc_hook=repr).encode
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def set_up_logs(level: int = logging.INFO) -> None:
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(without_client)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamp,
            structlog.processors.format_exc_info,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_LinesFactory(sys.stderr.buffer, level),
    )


def log_event(event: str, fields: dict[str, object]) -> None:
    """Like `structlog.get_logger().info(event, **fields)`, without the objects that it makes for each line.

    Takes `fields` over.
    """
    config = structlog.get_config()
    lines = config["logger_factory"]
    if not isinstance(lines, _LinesFactory) or config["processors"][-1] is not _render:  # a test captures the lines
        structlog.get_logger().info(event, **fields)
    elif lines.level <= logging.INFO:
        fields["event"] = event
        structlog.contextvars.merge_contextvars(None, "info", fields)
        fields["level"] = "info"
        lines().msg(_encode(_stamp(None, "info", fields)))


def _render(_: object, __: str, fields: structlog.typing.EventDict) -> bytes:
    return _encode(fields)


def without_client(record: logging.LogRecord) -> bool:
    """Takes the client's address and the query string out of uvicorn's lines about requests and handshakes."""
    if record.msg.startswith('%s - "') and isinstance(record.args, tuple):
        record.args = ("-", *(part.partition("?")[0] if isinstance(part, str) else part for part in record.args[1:]))
    return True


class _LinesFactory:
    def __init__(self, target: BinaryIO, level: int) -> None:
        self._lines, self.level = Lines(target), level
        atexit.register(self._lines.write)

    def __call__(self, *_: object) -> "Lines":
        return self._lines


class Lines:
    """Writes lines to a target; the lines of one turn of the event loop go in one write, which is one system call."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._waiting: deque[bytes] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        """The loop on which a write is scheduled."""

    def msg(self, line: bytes) -> None:
        self._waiting.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self.write)

    debug = info = warning = error = critical = exception = msg

    def write(self) -> None:
        """Flushes all waiting lines. Called at exit too, when no further turn of the loop comes."""
        self._loop = None
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if lines:
            self._target.write(b"\n".join([*lines, b""]))
            self._target.flush()
