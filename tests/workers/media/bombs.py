"""Files that ask much of who decodes them: each is small, and claims or unfolds to far more."""

import struct
import zlib
from collections.abc import Iterable
from functools import cache
from io import BytesIO

from PIL import Image

MOST_SIDE = 65_535
_PNG_START = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR, _COLOUR_AND_ALPHA = 0, 2, 6
_SCAN, _SIZE_OF_PROGRESSIVE, _SIZE = b"\xff\xda", b"\xff\xc2", b"\xff\xc0"


def png(width: int, height: int, rows: bytes, *, bits: int = 8, colours: int = _COLOUR, extra: bytes = b"") -> bytes:
    """`rows` are deflated here; `extra` are chunks before them."""
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    return _PNG_START + _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")


def png_that_lies(width: int, height: int) -> bytes:
    """A header of any size over few rows."""
    return png(width, height, b"\0" * 100_000)


@cache
def great_png() -> bytes:
    """39 megapixels of 16 bits with alpha in 300 kB: 312 MB once decoded."""
    return png(6_300, 6_200, b"\0" * (6_300 * 8 + 1) * 6_200, bits=16, colours=_COLOUR_AND_ALPHA)


@cache
def interlaced_png() -> bytes:
    """36 megapixels that can only be decoded as a whole."""
    file = png(6_000, 6_000, b"\0" * (6_000 * 4 * 6_000 + 12_000), colours=_COLOUR_AND_ALPHA)
    header = struct.pack(">IIBBBBB", 6_000, 6_000, 8, _COLOUR_AND_ALPHA, 0, 0, 1)
    return _PNG_START + _chunk(b"IHDR", header) + file[len(_PNG_START) + 25 :]


@cache
def long_png(*, is_upright: bool) -> bytes:
    """A line of the longest side that a format has."""
    width, height = (1, MOST_SIDE) if is_upright else (MOST_SIDE, 1)
    return png(width, height, b"\0" * (width + 1) * height, colours=_GREY)


@cache
def png_with_bombs_beside_it() -> bytes:
    """A pixel with a profile and a comment of 64 MB each."""
    unfolded = zlib.compress(b"\0" * (64 << 20))
    extra = _chunk(b"iCCP", b"profile\0\0" + unfolded) + _chunk(b"zTXt", b"Comment\0\0" + unfolded)
    return png(1, 1, b"\0\0\0\0", extra=extra)


def jpeg_that_lies(data: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header claims another size."""
    place = data.index(_SIZE) + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


@cache
def jpeg_of_scans(count: int, width: int = 2_000, height: int = 1_500) -> bytes:
    """A progressive JPEG that repeats its last scan: each goes over the whole picture once more."""
    file = BytesIO()
    Image.new("RGB", (width, height), (90, 90, 90)).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rindex(_SCAN)
    return data[:last] + data[last:-2] * count + data[-2:]


@cache
def gif_of_frames(count: int, width: int = 1, height: int = 1) -> bytes:
    """Frames of a pixel each on a canvas of any size, 19 bytes a frame."""
    canvas = struct.pack("<HH", width, height)
    start = b"GIF89a" + canvas + b"\x80\x00\x00\x00\x00\x00\xdc\x14\x14"
    place = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00"
    shown = b"".join(
        b"\x21\xf9\x04\x04\x02\x00\x00\x00" + place + (b"\x02\x02\x44\x01\x00", b"\x02\x02\x4c\x01\x00")[number % 2]
        for number in range(count)
    )
    return start + shown + b"\x3b"


@cache
def webp_of_frames(count: int, side: int = 16) -> bytes:
    """An animation whose frames are all the same still."""
    file = BytesIO()
    Image.new("RGB", (side, side), (200, 20, 20)).save(file, "WEBP", lossless=True)
    still = file.getvalue()[12:]
    size = (side - 1).to_bytes(3, "little")
    frame = b"\0" * 6 + size * 2 + (20).to_bytes(3, "little") + b"\0" + still
    chunks = [
        (b"VP8X", b"\x02\0\0\0" + size * 2),
        (b"ANIM", b"\0\0\0\0\0\0"),
        *[(b"ANMF", frame)] * count,
    ]
    return riff(b"WEBP", chunks)


def riff(kind: bytes, chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    body = kind + b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
