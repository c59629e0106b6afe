#!/usr/bin/env bash
# pyvips 3.2.0 with pyvips-binary 8.18.7: webpsave makes frames of 10 ms ten times as long, and a still of equal frames.
#
# Seen: frames of 10, 20 and 300 ms are 100, 20 and 300 ms in the WebP, as browsers would show them, though nobody asked
# for it; three equal frames become a still without a time. gifsave keeps the short time, and joins equal frames into
# one of their total time.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyvips==3.2.0 pyvips-binary==8.18.7 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from importlib.metadata import version

import pyvips


def moving(shades, delays):
    frames = [pyvips.Image.black(8, 8, bands=3) + shade for shade in shades]
    joined = pyvips.Image.arrayjoin(frames, across=1).cast("uchar").copy(interpretation="srgb")
    joined.set_type(pyvips.GValue.gint_type, "page-height", 8)
    joined.set_type(pyvips.GValue.array_int_type, "delay", delays)
    return joined


def times(picture, kind):
    made = pyvips.Image.new_from_buffer(picture.write_to_buffer(f".{kind}"), "", n=-1)
    return made.get("delay") if made.get_typeof("delay") else "a still"


short, equal = moving([0, 120, 240], [10, 20, 300]), moving([9, 9, 9], [50, 60, 70])
seen = {kind: (times(short, kind), times(equal, kind)) for kind in ("gif", "webp")}
print(f"pyvips {version('pyvips')}, pyvips-binary {version('pyvips-binary')}")
for kind, (of_short, of_equal) in seen.items():
    print(f"{kind}: [10, 20, 300] is {of_short}, [50, 60, 70] of equal frames is {of_equal}")
if seen == {"gif": ([10, 20, 300], [180]), "webp": ([100, 20, 300], "a still")}:
    print("as found: the two encoders treat times differently")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
