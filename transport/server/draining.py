"""A process that is told to end says so first and serves on for a while: who hands it requests can turn away in time.

Without that, a request that a load balancer sends at the moment of the end finds its connection closed.
"""

import asyncio
import signal
import threading
from types import FrameType

from transport.server.connections import Serving


def leave_in_time(serving: Serving, seconds: float) -> None:
    """From now on the first SIGTERM marks `serving` as leaving, and reaches the server after so many seconds.

    A second one, or Ctrl-C, ends the process as before.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    end = signal.getsignal(signal.SIGTERM)
    if not callable(end):
        return

    def leave(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, end)
        serving.is_leaving = True
        loop.call_soon_threadsafe(loop.call_later, seconds, end, number, frame)

    signal.signal(signal.SIGTERM, leave)
