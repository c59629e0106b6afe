#!/usr/bin/env bash
# pywebpush 2.5.0: an answer of 204 raises WebPushException, though each 2xx is success.
#
# Seen: of four services that take a message and answer 200, 201, 202 and 204, the last one's answer is raised as "Push
# failed: 204 No Content". A sender that drops subscriptions or tries again upon the exception does so for messages that
# arrived.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pywebpush==2.5.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import base64
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

STATUSES = [200, 201, 202, 204]


class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sent(status):
    endpoint = f"http://127.0.0.1:{server.server_port}/{status}"
    try:
        webpush(
            {"endpoint": endpoint, "keys": {"p256dh": encoded(point), "auth": encoded(os.urandom(16))}},
            "Caw",
            vapid_private_key=vapid,
            vapid_claims={"sub": "mailto:rook@example.org"},
        )
        return "sent"
    except WebPushException as error:
        return error.message


server = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
point = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
vapid = Vapid()
vapid.generate_keys()
seen = {status: sent(status).split("\n")[0] for status in STATUSES}
print(f"pywebpush {version('pywebpush')}")
for status, said in seen.items():
    print(f"{status}: {said}")
if seen == {200: "sent", 201: "sent", 202: "sent", 204: "Push failed: 204 No Content"}:
    print("as found: 204 is raised")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
