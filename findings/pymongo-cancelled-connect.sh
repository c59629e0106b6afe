#!/usr/bin/env bash
# PyMongo 4.20.0: a connection attempt that is cancelled leaves its socket open.
#
# `_async_create_connection` closes the socket after OSError and TimeoutError, but not after CancelledError. Seen: cancelled
# commands, whose connections were being opened, end in ResourceWarnings, at whatever moment the garbage collection runs.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pymongo==4.20.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
import gc
import socket
import warnings
from contextlib import suppress
from importlib.metadata import version

from pymongo.pool_options import PoolOptions
from pymongo.pool_shared import _async_create_connection

STEPS = 500


async def cancelled(address, steps):
    """Cancels an attempt after that many steps of the loop, unless it has succeeded."""
    attempt = asyncio.create_task(_async_create_connection(address, PoolOptions(connect_timeout=5)))
    for _ in range(steps):
        await asyncio.sleep(0)
    attempt.cancel()
    with suppress(asyncio.CancelledError):
        (await attempt).close()


async def main(address):
    for steps in range(STEPS):
        await cancelled(address, steps)
        gc.collect()


with socket.create_server(("127.0.0.1", 0)) as server, warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    asyncio.run(main(server.getsockname()))
left = [str(warning.message) for warning in seen if "unclosed <socket.socket" in str(warning.message)]
print(f"PyMongo {version('pymongo')}: {len(left)} sockets of {STEPS} attempts left open, the first: {left[:1]}")
if left:
    print("as found: a cancelled connection attempt leaves its socket open")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
