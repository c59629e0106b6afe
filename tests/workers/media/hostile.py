"""Broken and hostile files, made by a generator: cuts, flipped bytes, wrong kinds, polyglots, lying headers, bombs."""

import random
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from tests.workers.media import bombs
from tests.workers.media.bombs import MOST_SIDE

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
MARK = b"<script>alert(1)</script>"
"""A program that many of the files carry; nothing that is made of them may have it."""
# Bombs that take seconds each are rare.
_SLOW_SHARE = 0.004
Dice = random.Random
Change = Callable[[Dice, bytes], bytes]


class HostileFile(NamedTuple):
    """`what` was done; `content_type` is what it claims to be."""

    what: str
    data: bytes
    content_type: str


def hostile_files(seed: int, count: int) -> Iterator[HostileFile]:
    """The same files for the same seed."""
    dice = random.Random(seed)
    whole = {name: _picture(dice, name) for name in KINDS}
    for _ in range(count):
        draw = dice.random()
        if draw < _SLOW_SHARE:
            yield _made(dice, _SLOW)
        elif draw < 0.3:
            yield _made(dice, _BOMBS)
        elif draw < 0.45:
            what, data = dice.choice(list(_FOREIGN.items()))
            yield HostileFile(f"foreign: {what}", data, dice.choice(list(KINDS.values())))
        else:
            name = dice.choice(list(KINDS))
            what, change = dice.choice(list(_CHANGES.items()))
            claimed = KINDS[dice.choice([name, name, name, *KINDS])]
            yield HostileFile(f"{what} {name}", change(dice, whole[name]), claimed)


def _made(dice: Dice, ways: Mapping[str, tuple[str, Callable[[Dice], bytes]]]) -> HostileFile:
    what, (name, make) = dice.choice(list(ways.items()))
    return HostileFile(f"{what} {name}", make(dice), KINDS[name])


def _picture(dice: Dice, name: str) -> bytes:
    picture = Image.frombytes("RGB", (64, 48), dice.randbytes(64 * 48 * 3))
    file = BytesIO()
    if name in ("GIF", "WEBP"):
        others = [picture.rotate(90 * turn) for turn in range(1, 4)]
        picture.save(file, name, save_all=True, append_images=others, duration=40)
    else:
        picture.save(file, name)
    return file.getvalue()


def _flipped(dice: Dice, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 20)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _with_hole(dice: Dice, data: bytes) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randrange(1, 400) :]


def _with_comment(dice: Dice, data: bytes) -> bytes:
    """A program inside: in a comment of a JPEG or GIF, else in the midst."""
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"\xff\xfe" + (len(MARK) + 2).to_bytes(2, "big") + MARK + data[2:]
    if data.startswith(b"GIF"):
        return data[:-1] + b"\x21\xfe" + bytes([len(MARK)]) + MARK + b"\0" + data[-1:]
    place = dice.randrange(12, len(data))
    return data[:place] + MARK + data[place:]


_CHANGES: Mapping[str, Change] = {
    "cut": lambda dice, data: data[: dice.randrange(len(data))],
    "flipped": _flipped,
    "repeated": lambda dice, data: data * dice.randrange(2, 5),
    "appended": lambda _, data: data + MARK + b"PK\x03\x04" * 9,
    "prepended": lambda _, data: b"GIF89a" + data,
    "commented": _with_comment,
    "hole": _with_hole,
    "noise": lambda dice, data: data[:32] + dice.randbytes(len(data)),
}


def _side(dice: Dice) -> int:
    return dice.choice([MOST_SIDE, dice.randrange(1, MOST_SIDE + 1)])


def _lying_jpeg(dice: Dice) -> bytes:
    return bombs.jpeg_that_lies(_picture(random.Random(1), "JPEG"), _side(dice), _side(dice))


_BOMBS: Mapping[str, tuple[str, Callable[[Dice], bytes]]] = {
    "lying": ("PNG", lambda dice: bombs.png_that_lies(_side(dice), _side(dice))),
    "lying header of a": ("JPEG", _lying_jpeg),
    "lying canvas of a": ("GIF", lambda dice: bombs.gif_of_frames(1, _side(dice), _side(dice))),
    "wide": ("PNG", lambda _: bombs.long_png(is_upright=False)),
    "high": ("PNG", lambda _: bombs.long_png(is_upright=True)),
    "bombs beside a": ("PNG", lambda _: bombs.png_with_bombs_beside_it()),
    "10,000 frames of a": ("GIF", lambda _: bombs.gif_of_frames(10_000)),
    "10,000 frames in a": ("WEBP", lambda _: bombs.webp_of_frames(10_000)),
    "300 frames of a": ("GIF", lambda dice: bombs.gif_of_frames(300, dice.randrange(1, 40), dice.randrange(1, 40))),
}
_SLOW: Mapping[str, tuple[str, Callable[[Dice], bytes]]] = {
    "312 MB of a": ("PNG", lambda _: bombs.great_png()),
    "interlaced": ("PNG", lambda _: bombs.interlaced_png()),
    "scans of a": ("JPEG", lambda _: bombs.jpeg_of_scans(400)),
    "great canvas of a": ("GIF", lambda _: bombs.gif_of_frames(300, 6_000, 6_000)),
    "canvas of a": ("GIF", lambda _: bombs.gif_of_frames(300, 1_920, 1_080)),
}
_FOREIGN: Mapping[str, bytes] = {
    "nothing": b"",
    "a byte": b"\xff",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'>" + MARK + b"</svg>",
    "SVG that reads files": b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><svg><text>&y;</text></svg>",
    "page": b"<!doctype html>" + MARK,
    "archive": b"PK\x03\x04" + b"\0" * 60,
    "PDF": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "PostScript": b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file",
    "TIFF": b"II*\0\x08\0\0\0" + b"\0" * 60,
    "BMP": b"BM" + b"\xff" * 60,
    "AVIF": b"\0\0\0\x20ftypavif" + b"\0" * 60,
    "MP4": b"\0\0\0\x20ftypisom" + b"\0" * 60,
    "WAV": bombs.riff(b"WAVE", [(b"fmt ", b"\0" * 16)]),
    "JPEG of nothing": b"\xff\xd8\xff\xd9",
    "GIF that is a program": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "WebP of nothing": bombs.riff(b"WEBP", []),
    "program": b"\x7fELF\x02\x01\x01" + b"\0" * 60,
}
