"""Direct write: a whole answer in one write to the socket, bypassing ASGI messages and their checks."""

import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string


def write_whole(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    """`head`: header lines besides the server's own. False if the answer must be sent by ASGI instead."""
    if not _may_be_written(cycle):
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    own = b"".join([b"%s: %s\r\n" % header for header in cycle.default_headers])
    cycle.transport.write(b"%s%s%s\r\n%s" % (STATUS_LINE[status], own, head, body))
    if cycle.access_log and cycle.access_logger.isEnabledFor(logging.INFO):
        _log(cycle, status)
    cycle.message_event.set()
    cycle.on_response()
    return True


def _may_be_written(cycle: RequestResponseCycle) -> bool:
    """Whether the client expects a body, keeps up reading, and keeps the connection open."""
    is_ready = not (cycle.response_started or cycle.disconnected or cycle.flow.write_paused)
    return is_ready and cycle.keep_alive and cycle.scope["method"] != "HEAD"


def _log(cycle: RequestResponseCycle, status: int) -> None:
    """Same line as uvicorn's."""
    scope: Any = cycle.scope
    said = get_client_addr(scope), scope["method"], get_path_with_query_string(scope), scope["http_version"], status
    cycle.access_logger.info('%s - "%s %s HTTP/%s" %d', *said)
