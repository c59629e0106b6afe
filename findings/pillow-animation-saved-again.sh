#!/usr/bin/env bash
# Pillow 13.0.0: an animated GIF saved as WebP loses its times: each frame has the first one's, and it runs for ever.
#
# save_all saves all frames, and those of a GIF have times of their own. Seen: a GIF with frames of 50, 200 and 400 ms
# and loop 3 becomes a WebP with frames of 50, 50 and 50 ms and loop 0, unless duration and loop are handed over; saved
# as GIF it keeps both.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from io import BytesIO

import PIL
from PIL import Image, ImageSequence


def saved(picture, kind, **options):
    file = BytesIO()
    picture.save(file, kind, save_all=True, **options)
    return file.getvalue()


def timing(data):
    picture, times = Image.open(BytesIO(data)), []
    for frame in ImageSequence.Iterator(picture):
        frame.load()
        times.append(frame.info["duration"])
    return times, picture.info.get("loop")


frames = [Image.new("RGB", (16, 16), (shade, 0, 0)) for shade in (0, 120, 240)]
gif = saved(frames[0], "GIF", append_images=frames[1:], duration=[50, 200, 400], loop=3)
seen = {
    "GIF": timing(gif),
    "saved as GIF": timing(saved(Image.open(BytesIO(gif)), "GIF")),
    "saved as WebP": timing(saved(Image.open(BytesIO(gif)), "WEBP")),
}
print(f"Pillow {PIL.__version__}")
for kind, (times, loop) in seen.items():
    print(f"{kind}: milliseconds {times}, loop {loop}")
kept = ([50, 200, 400], 3)
if seen == {"GIF": kept, "saved as GIF": kept, "saved as WebP": ([50, 50, 50], 0)}:
    print("as found: the WebP has the first frame's time three times, and no end")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
