#!/usr/bin/env bash
# Pillow 13.0.0: a grey picture of 16 bits becomes white when it is converted to 8 bits, or saved as WebP.
#
# Middle grey, 32,768 of 65,535, would be 128 of 255. Seen: convert("L") and saving as WebP clip instead of scaling, so
# that it is 255; only values up to 255, nearly black, stay as they are.
# Exits 0 while that is so, 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }

cat > "$folder/seen.py" <<'PYTHON'
from io import BytesIO

import PIL
from PIL import Image


def saved(picture, kind, **options):
    file = BytesIO()
    picture.save(file, kind, **options)
    return Image.open(BytesIO(file.getvalue()))


seen = {}
for value in (100, 32_768):
    grey = saved(Image.new("I;16", (8, 8), value), "PNG")
    webp = saved(grey, "WEBP", lossless=True)
    seen[value] = grey.getpixel((1, 1)), grey.convert("L").getpixel((1, 1)), webp.getpixel((1, 1))
print(f"Pillow {PIL.__version__}")
for value, (png, converted, webp) in seen.items():
    print(f"{value} of 65,535: {png} in the PNG, {converted} of 255 converted, {webp} in the WebP")
if seen == {100: (100, 100, (100, 100, 100)), 32_768: (32_768, 255, (255, 255, 255))}:
    print("as found: values are clipped, not scaled")
else:
    raise SystemExit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" 2>"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
