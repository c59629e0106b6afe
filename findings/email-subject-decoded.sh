#!/usr/bin/env bash
# Python 3.11's email package: a Subject that quotes an encoded word is decoded as it is set, and says something else.
#
# Seen: EmailMessage takes the text "what does =?utf-8?q?caf=C3=A9?= mean" for the form of mails on the wire: it reads
# back as "what does café mean", and that is what arrives. Nothing is escaped, and nothing is said.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"

cat > "$folder/seen.py" <<'PYTHON'
import platform
from email import message_from_bytes, policy
from email.message import EmailMessage

TEXT = "what does =?utf-8?q?caf=C3=A9?= mean"

message = EmailMessage()
message["Subject"] = TEXT
set_back = str(message["Subject"])
received = str(message_from_bytes(message.as_bytes(), policy=policy.default)["Subject"])
print(f"Python {platform.python_version()}")
print(f"set: {TEXT}")
print(f"reads back as: {set_back}")
print(f"is received as: {received}")
if set_back == received == "what does café mean":
    print("as found: the quoted word is decoded")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
