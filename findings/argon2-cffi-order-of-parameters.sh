#!/usr/bin/env bash
# argon2-cffi 25.1.0: a hash with its parameters in another order can be read and needs no rehash, but can't be
# verified.
#
# Seen: for a hash that says "t=2,m=19456,p=1" instead of "m=19456,t=2,p=1", as a migration might write it,
# extract_parameters and check_needs_rehash answer as before, and verify raises VerificationError. That is neither
# InvalidHash nor VerifyMismatchError, the error of a wrong password, so that a sign-in which catches only this one
# fails with an error of the server.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check argon2-cffi==25.1.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error

PASSWORD = "correct horse"

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
usual = hasher.hash(PASSWORD)
other = usual.replace("m=19456,t=2,p=1", "t=2,m=19456,p=1")


def verified(one):
    try:
        return hasher.verify(one, PASSWORD)
    except Argon2Error as error:
        return type(error).__name__


seen = [
    (verified(one), hasher.check_needs_rehash(one), extract_parameters(one) == extract_parameters(usual))
    for one in (usual, other)
]
print(f"argon2-cffi {version('argon2-cffi')}")
for order, (is_right, needs_rehash, is_read) in zip(("usual", "other"), seen):
    print(f"{order} order: verify {is_right}, needs a rehash {needs_rehash}, same parameters {is_read}")
if seen == [(True, False, True), ("VerificationError", False, True)]:
    print("as found: the other order is read, and not verified")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
