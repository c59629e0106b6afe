#!/usr/bin/env bash
# Python 3.11's email package: a List-Unsubscribe that is longer than a line becomes encoded words, which hide its
# address.
#
# RFC 2369 puts an address in angle brackets there; RFC 2047 keeps encoded words out of such fields. Seen: an address of
# 118 letters, all ASCII and without a blank, is written as three encoded words, so that a mail client that follows the
# standards finds no "<https://". With a policy without a longest line it stays as it is.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"

cat > "$folder/seen.py" <<'PYTHON'
import platform
from email import policy
from email.message import EmailMessage

ADDRESS = "<https://example.org/unsubscribe?token=" + "0123456789abcdef" * 5 + ">"


def written(chosen):
    message = EmailMessage(policy=chosen)
    message["List-Unsubscribe"] = ADDRESS
    return message.as_bytes()


usual, unlimited = written(policy.SMTP), written(policy.SMTP.clone(max_line_length=None))
print(f"Python {platform.python_version()}, an address of {len(ADDRESS)} letters")
print(f"policy.SMTP: {usual}")
print(f"without a longest line: {unlimited}")
if usual.count(b"=?utf-8?q?") == 3 and b"https://" not in usual and ADDRESS.encode() in unlimited:
    print("as found: the address is hidden in encoded words")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
