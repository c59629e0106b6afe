#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0: `--dist loadgroup` no longer keeps the tests of a group in one process.
#
# Seen: twelve tests of one `xdist_group` run in one of two processes with pytest 9.1.1, and in both with pytest 9.2.0,
# without a warning.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/test_group.py" <<'PYTHON'
import os
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(12))
def test_tells_its_process(number):
    with open("ran", "a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
    time.sleep(0.05)
PYTHON

processes() {
  python3 -m venv "$folder/$1"
  "$folder/$1/bin/pip" install --quiet --disable-pip-version-check "pytest==$1" pytest-xdist==3.8.0
  mkdir "$folder/in-$1" && cd "$folder/in-$1" && cp ../test_group.py .
  "$folder/$1/bin/python" -m pytest -q -n 2 --dist loadgroup >"$folder/log" 2>&1 || { tail -5 "$folder/log" >&2; exit 1; }
  sort -u ran | wc -l
}

before=$(processes 9.1.1)
after=$(processes 9.2.0)
echo "pytest-xdist 3.8.0, tests of one group: in $before process with pytest 9.1.1, in $after with 9.2.0"
if [[ $before == 1 && $after == 2 ]]; then
  echo "as found: the group is not kept together"
else
  echo "this has changed"
  exit 1
fi
