"""Logs on standard error: JSON lines in production, short ones in development, coloured in a terminal.

They never hold variables, tokens, addresses of clients or the text of tweets.
"""

import asyncio
import atexit
import logging
import os
import sys
import time
from collections import deque
from typing import BinaryIO

import msgspec
import structlog
from structlog.typing import EventDict

_LONG_IDS = {"document", "request_id"}
_SHORT_ID = 8
_COLOURS = {"info": "\033[32m", "warning": "\033[33m", "error": "\033[31m", "critical": "\033[31m"}
_encode = msgspec.json.Encoder(enc_hook=repr).encode
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def set_up_logs(level: int = logging.INFO, *, as_json: bool = True) -> None:
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(without_client)
    is_coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _Json() if as_json else _Short(is_coloured=is_coloured),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_LinesFactory(sys.stderr.buffer, level),
    )


def log_event(event: str, fields: dict[str, object]) -> None:
    """Like `structlog.get_logger().info(event, **fields)`, without the objects that it makes for each line.

    Takes `fields` over.
    """
    config = structlog.get_config()
    lines, render = config["logger_factory"], config["processors"][-1]
    if not isinstance(lines, _LinesFactory) or not isinstance(render, _Json | _Short):  # a test captures the lines
        structlog.get_logger().info(event, **fields)
    elif lines.level <= logging.INFO:
        fields["event"] = event
        structlog.contextvars.merge_contextvars(None, "info", fields)
        fields["level"] = "info"
        lines().msg(render(None, "info", fields))


class _Json:
    def __call__(self, _: object, __: str, event: EventDict) -> bytes:
        return _encode(_stamp(None, "", event))


class _Short:
    """Renders the time of day, the event and its values, of long ids the beginning; faster than structlog does."""

    def __init__(self, *, is_coloured: bool) -> None:
        self._plain, self._faint = ("\033[0m", "\033[2m") if is_coloured else ("", "")
        self._colours = _COLOURS if is_coloured else {}

    def __call__(self, _: object, __: str, event: EventDict) -> bytes:
        level, said = event.pop("level"), event.pop("event")
        traceback = event.pop("exception", None)
        values = " ".join([f"{name}={_shown(name, value)}" for name, value in event.items()])
        colour = self._colours.get(level, "")
        line = f"{time.strftime('%H:%M:%S')} {colour}{level}{self._plain if colour else ''} {said}"
        if values:
            line = f"{line} {self._faint}{values}{self._plain}"
        return (f"{line}\n{traceback}" if traceback else line).encode()


def _shown(name: str, value: object) -> str:
    if not isinstance(value, str):
        return str(value)
    if name in _LONG_IDS:
        return value[:_SHORT_ID]
    return repr(value) if " " in value or "\n" in value else value


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
