#!/usr/bin/env bash
# blurhash 2.0.5 of npm and blurhash 1.1.5 of PyPI: other strings for a picture that is dark on its left.
#
# Both are ports of one algorithm. Seen: a picture of a dark and a bright half has the same string where the left half
# is bright, and another one where it is dark; a single colour has the same. So strings that are compared, or used as
# keys, must come from one port.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check blurhash==1.1.5 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
npm install --prefix "$folder" --silent --no-audit --no-fund blurhash@2.0.5 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
import json
import subprocess
from importlib.metadata import version
from pathlib import Path

import blurhash

SIDE = 32
BRIGHT, DARK = [235, 235, 235], [20, 20, 20]
PICTURES = {"left bright": (BRIGHT, DARK), "left dark": (DARK, BRIGHT), "one colour": (BRIGHT, BRIGHT)}
PROGRAM = """
import { readFileSync } from 'node:fs';
import { encode } from 'blurhash';

const strings = JSON.parse(readFileSync(0)).map((rows) => {
  const pixels = Uint8ClampedArray.from(rows.flat().flatMap((pixel) => [...pixel, 255]));
  return encode(pixels, rows[0].length, rows.length, 4, 3);
});
console.log(JSON.stringify(strings));
"""

folder = Path(__file__).parent
(folder / "port.mjs").write_text(PROGRAM)
pictures = [[[left] * (SIDE // 2) + [right] * (SIDE // 2)] * SIDE for left, right in PICTURES.values()]
asked = subprocess.run(["node", folder / "port.mjs"], input=json.dumps(pictures), stdout=-1, text=True, check=True)
pairs = dict(zip(PICTURES, zip(json.loads(asked.stdout), (blurhash.encode(one, 4, 3) for one in pictures))))
npm = json.loads((folder / "node_modules/blurhash/package.json").read_text())["version"]
print(f"blurhash {npm} of npm, blurhash {version('blurhash')} of PyPI")
for what, (theirs, pythons) in pairs.items():
    print(f"{what}: {theirs} of npm, {pythons} of PyPI")
if [one == other for one, other in pairs.values()] == [True, False, True]:
    print("as found: the picture that is dark on its left has two strings")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
