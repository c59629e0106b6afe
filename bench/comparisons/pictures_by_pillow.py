"""Program that makes the three variants of a JPEG by Pillow: `python pictures_by_pillow.py FOLDER CONTENT_TYPE`."""

import sys
from pathlib import Path

from PIL import Image, ImageOps

SIDES = {"LARGE": 2_048, "SMALL": 680, "THUMBNAIL": 150}


def main(folder: Path) -> None:
    with Image.open(folder / "original") as opened:
        opened.draft("RGB", (SIDES["LARGE"], SIDES["LARGE"]))
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    for size, side in SIDES.items():
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        picture.save(folder / f"{size}.webp", quality=80, method=2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
