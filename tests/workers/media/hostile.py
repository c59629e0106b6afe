"""Broken and hostile files, made by a generator: cuts, flipped bytes, wrong kinds, appended programs, lying headers."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

from PIL import Image

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
MOST_SIDE = 65_535


def hostile_files(seed: int, count: int) -> Iterator[tuple[str, bytes, str]]:
    """Triples: the damage, the file, the kind that it claims to be; the same for the same seed."""
    dice = random.Random(seed)
    whole = {name: _picture(dice, name) for name in KINDS}
    ways: list[tuple[str, Callable[[random.Random, bytes], bytes]]] = [
        ("cut", lambda dice, data: data[: dice.randrange(len(data))]),
        ("flipped", _flipped),
        ("repeated", lambda dice, data: data * dice.randrange(2, 5)),
        ("appended", lambda _, data: data + b"<script>alert(1)</script>" + b"PK\x03\x04" * 9),
        ("prepended", lambda _, data: b"GIF89a" + data),
        ("hole", _with_hole),
        ("noise", lambda dice, data: data[:32] + dice.randbytes(len(data))),
    ]
    for _ in range(count):
        name = dice.choice(list(KINDS))
        way, change = dice.choice([*ways, ("bomb", lambda dice, _: _bomb(dice))])
        claimed = KINDS["PNG"] if way == "bomb" else KINDS[dice.choice([name, name, name, *KINDS])]
        yield f"{way} {name}", change(dice, whole[name]), claimed


def _picture(dice: random.Random, name: str) -> bytes:
    picture = Image.frombytes("RGB", (64, 48), dice.randbytes(64 * 48 * 3))
    file = BytesIO()
    if name in ("GIF", "WEBP"):
        others = [picture.rotate(90 * turn) for turn in range(1, 4)]
        picture.save(file, name, save_all=True, append_images=others, duration=40)
    else:
        picture.save(file, name)
    return file.getvalue()


def _flipped(dice: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 20)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _with_hole(dice: random.Random, data: bytes) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randrange(1, 400) :]


def _bomb(dice: random.Random) -> bytes:
    """A PNG of a few bytes whose header claims a side of up to 65,535 pixels."""
    width, height = dice.randrange(1, MOST_SIDE + 1), dice.randrange(1, MOST_SIDE + 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
