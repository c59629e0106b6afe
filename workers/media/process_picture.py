"""Program that makes the variants of one picture: `python process_picture.py FOLDER CONTENT_TYPE`, within limits.

Reads FOLDER/original; writes FOLDER/SIZE.webp for each size, and FOLDER/answer.json: `failure`, a sentence for the
owner, or `width`, `height`, `blurhash` and the `variants`. It imports nothing of Rookery: a hostile picture meets a
process that knows no secret, and it starts in little time.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import blurhash
import pyvips

MEMORY_BYTES = 256 << 20
SECONDS = 9
_MOST_FILES = 64
_MOST_WRITTEN_BYTES = 32 << 20
_MOST_PIXELS = 40_000_000
_MOST_FRAMES = 300
# Of all frames together; the emptiest ones of more take more than the time that there is.
_MOST_MOVING_PIXELS = 600_000_000
# The longest side of each variant in pixels, largest first: the smaller ones are made of the first.
SIDES = {"LARGE": 2_048, "SMALL": 680, "THUMBNAIL": 150}
_QUALITY = 80
# Each kind by its first bytes, so that no other decoder ever sees the file.
_SIGNATURES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
_WEBP_MARK = slice(8, 12), b"WEBP"
_ANIMATED = ("image/gif", "image/webp")
# Browsers show a frame of up to 10 ms for 100 ms.
_SHORTEST_FRAME_MS, _SHOWN_FRAME_MS = 10, 100
# EXIF orientations from here on exchange width and height.
_FIRST_ON_ITS_SIDE = 5
_BLUR_SIDE, _BLUR_COMPONENTS = 32, (4, 3)


class PictureError(Exception):
    """A sentence for the owner of the picture."""


def main(folder: Path, content_type: str) -> None:
    _limit_process()
    try:
        answer = _process(folder, content_type)
    except PictureError as error:
        answer = {"failure": str(error)}
    (folder / "answer.json").write_text(json.dumps(answer))


def _limit_process() -> None:
    """Memory beyond its limit can't be allocated; time beyond its limit ends the process."""
    for limit, most in (
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, _MOST_FILES),
        (resource.RLIMIT_FSIZE, _MOST_WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _process(folder: Path, content_type: str) -> dict[str, Any]:
    _check_signature(folder / "original", content_type)
    pyvips.cache_set_max(0)
    try:
        return _variants(folder, content_type)
    except (pyvips.Error, MemoryError):
        raise PictureError("This picture is damaged, or needs more memory than one may have.") from None


def _check_signature(original: Path, content_type: str) -> None:
    with original.open("rb") as file:
        start = file.read(16)
    place, mark = _WEBP_MARK
    if not start.startswith(_SIGNATURES[content_type]) or (content_type == "image/webp" and start[place] != mark):
        raise PictureError(f"This file is no picture of the kind {content_type}.")


def _variants(folder: Path, content_type: str) -> dict[str, Any]:
    path = str(folder / "original")
    header = pyvips.Image.new_from_file(path, access="sequential")
    frames, has_profile = _check_size(header, content_type), _has_profile(header)
    if frames == 1:
        # Decoded once; the smaller variants are made of the first.
        largest = _thumbnail(path, SIDES["LARGE"], has_profile=has_profile).copy_memory()
        pictures = {size: largest.thumbnail_image(side, height=side, size="down") for size, side in SIDES.items()}
    else:
        pictures = {size: _thumbnail(f"{path}[n=-1]", side, has_profile=has_profile) for size, side in SIDES.items()}
        for picture in pictures.values():
            _set_timing(picture, content_type)
    variants = {size: _write(picture, folder / f"{size}.webp") for size, picture in pictures.items()}
    width, height = _upright_size(header)
    return {
        "width": width,
        "height": height,
        "blurhash": _blurhash(path, has_profile=has_profile),
        "variants": variants,
    }


def _check_size(header: pyvips.Image, content_type: str) -> int:
    """The number of frames, 1 for a picture that does not move."""
    frames = header.get("n-pages") if content_type in _ANIMATED and header.get_typeof("n-pages") else 1
    if frames > _MOST_FRAMES:
        raise PictureError(f"A moving picture has {_MOST_FRAMES} frames at most, not {frames}.")
    pixels = header.width * header.height
    if pixels > _MOST_PIXELS:
        raise PictureError(f"A picture has {_MOST_PIXELS // 1_000_000} megapixels at most.")
    if frames > 1 and frames * pixels > _MOST_MOVING_PIXELS:
        raise PictureError(
            f"All frames of a moving picture have {_MOST_MOVING_PIXELS // 1_000_000} megapixels at most, "
            f"not {frames * pixels // 1_000_000}."
        )
    return int(frames)


def _thumbnail(path: str, side: int, *, has_profile: bool) -> pyvips.Image:
    """Upright, in sRGB, at most `side` pixels wide and high, never enlarged."""
    # Seven times the time for a picture that is in sRGB already.
    converted = {"export_profile": "srgb"} if has_profile else {}
    return pyvips.Image.thumbnail(path, side, height=side, size="down", fail_on="error", **converted)


def _has_profile(header: pyvips.Image) -> bool:
    """Whether its colours are other than sRGB."""
    return bool(header.get_typeof("icc-profile-data")) or header.interpretation == "cmyk"


def _set_timing(picture: pyvips.Image, content_type: str) -> None:
    """The encoder would change short frames and, of a GIF, the number of turns."""
    delays = [_SHOWN_FRAME_MS if delay <= _SHORTEST_FRAME_MS else delay for delay in picture.get("delay")]
    turns = picture.get("loop")
    if content_type == "image/gif" and turns > 1:
        turns -= 1
    picture.set_type(pyvips.GValue.array_int_type, "delay", delays)
    picture.set_type(pyvips.GValue.gint_type, "loop", turns)


def _write(picture: pyvips.Image, path: Path) -> dict[str, int]:
    picture.webpsave(str(path), Q=_QUALITY, effort=2, keep="none")
    height = picture.get("page-height") if picture.get_typeof("page-height") else picture.height
    return {"width": picture.width, "height": height, "bytes": path.stat().st_size}


def _upright_size(header: pyvips.Image) -> tuple[int, int]:
    orientation = header.get("orientation") if header.get_typeof("orientation") else 1
    size = header.width, header.height
    return size[::-1] if orientation >= _FIRST_ON_ITS_SIDE else size


def _blurhash(path: str, *, has_profile: bool) -> str:
    """BlurHash of the first frame, on white where it is transparent."""
    picture = _thumbnail(path, _BLUR_SIDE, has_profile=has_profile)
    if picture.hasalpha():
        picture = picture.flatten(background=[255, 255, 255])
    picture = picture.colourspace("srgb").cast("uchar")
    width, data = picture.width, picture.write_to_memory()
    pixels = [
        [data[place : place + 3] for place in range(row, row + 3 * width, 3)] for row in range(0, len(data), 3 * width)
    ]
    text: str = blurhash.encode(pixels, *_BLUR_COMPONENTS)
    return text


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
