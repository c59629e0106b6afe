#!/usr/bin/env bash
# redis-py 8.1.0: each client that is made looks its own version up in the metadata of the installed package.
#
# Seen: a hundred clients, none of which connects, ask for the version a hundred times, which reads a file each time; with
# a `driver_info` they ask no time. Where clients are made for a short use, that is most of what one costs.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
cat > "$folder/count.py" <<'PYTHON'
import importlib.metadata

looked_up = 0
version = importlib.metadata.version


def counted(name):
    global looked_up
    looked_up += 1
    return version(name)


importlib.metadata.version = counted

import redis  # noqa: E402

CLIENTS = 100


def look_ups(**options):
    before = looked_up
    for _ in range(CLIENTS):
        redis.Redis(**options)
    return looked_up - before


print(look_ups(), look_ups(driver_info=redis.DriverInfo(lib_version="8.1.0")))
PYTHON
counts=$("$folder/venv/bin/python" "$folder/count.py")
echo "redis-py 8.1.0, look-ups of its version by 100 clients, without and with driver_info: $counts"
if [[ $counts == "100 0" ]]; then
  echo "as found: each client looks its version up"
else
  echo "this has changed"
  exit 1
fi
