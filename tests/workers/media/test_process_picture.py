"""The program that processes one picture: real variety, and what is no picture, each within its limits."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence

from workers.media import pictures
from workers.media.pictures import PROGRAM

WIDE = (120, 60)
# Lossy WebP changes plain colours by a few levels.
TOLERANCE = 8


def processed(tmp_path: Path, data: bytes, content_type: str) -> dict[str, Any]:
    (tmp_path / "original").write_bytes(data)
    command = [sys.executable, "-I", str(PROGRAM), str(tmp_path), content_type]
    ended = subprocess.run(command, check=False, capture_output=True, env=pictures.ENVIRONMENT, timeout=60)
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, Any] = json.loads((tmp_path / "answer.json").read_text())
    return answer


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def halves(mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", WIDE, (220, 20, 20))
    picture.paste((20, 20, 220), (WIDE[0] // 2, 0, *WIDE))
    return picture.convert(mode)


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A maker"
    return saved(halves(), "JPEG", exif=exif, quality=95)


def colour(picture: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    found = picture.convert("RGB").getpixel(place)
    assert isinstance(found, tuple)
    return found


def is_close(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= TOLERANCE for a, b in zip(one, other, strict=True))


def test_frames_keep_their_time_and_turns(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), (40 * step, 0, 0)) for step in range(5)]
    times = [50, 10, 100, 300, 20]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=times, loop=3)
    processed(tmp_path, data, "image/gif")
    for size in ("THUMBNAIL", "LARGE"):
        made = Image.open(tmp_path / f"{size}.webp")
        shown = []
        for frame in ImageSequence.Iterator(made):
            frame.load()
            shown.append(frame.info["duration"])
        assert (shown, made.info["loop"]) == ([50, 100, 100, 300, 20], 3)


BLACK, RED = b"\x02\x02\x44\x01\x00", b"\x02\x02\x4c\x01\x00"


def _pixels(frames: Sequence[tuple[bytes, int]]) -> bytes:
    """A GIF of one pixel, with equal frames, which no library writes; times are hundredths of a second."""
    start = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xdc\x14\x14\x21\xff\x0bNETSCAPE2.0\x03\x01\x03\x00\x00"
    place = b"\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00"
    shown = [b"\x21\xf9\x04\x04" + time.to_bytes(2, "little") + place + data for data, time in frames]
    return start + b"".join(shown) + b"\x3b"


def test_equal_frames_are_shown_as_long_as_before(tmp_path: Path) -> None:
    processed(tmp_path, _pixels([(BLACK, 5), (BLACK, 6), (RED, 7), (RED, 30), (BLACK, 20)]), "image/gif")
    made = Image.open(tmp_path / "LARGE.webp")
    shown = []
    for frame in ImageSequence.Iterator(made):
        frame.load()
        shown.append((frame.info["duration"], is_close(colour(frame, (0, 0)), (0, 0, 0))))
    assert (shown, made.info["loop"]) == ([(110, True), (370, False), (200, True)], 3)


def test_black_ink_without_a_profile_is_the_black_of_print(tmp_path: Path) -> None:
    """Not (0, 0, 0): what a press makes of black ink alone."""
    processed(tmp_path, saved(Image.new("CMYK", WIDE, (0, 0, 0, 255)), "JPEG", quality=95), "image/jpeg")
    assert is_close(colour(Image.open(tmp_path / "LARGE.webp"), (5, 5)), (40, 35, 43))


def test_variants_are_not_enlarged_and_keep_their_shape(tmp_path: Path) -> None:
    answer = processed(tmp_path, saved(Image.new("RGB", (1_000, 500)), "PNG"), "image/png")
    sizes = {size: (one["width"], one["height"]) for size, one in answer["variants"].items()}
    assert sizes == {"THUMBNAIL": (150, 75), "SMALL": (680, 340), "LARGE": (1_000, 500)}
    assert len(answer["blurhash"]) == 28


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("image/png", lambda: b""),
        ("image/png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("image/png", lambda: turned(1)),
        ("image/webp", lambda: b"RIFF\x00\x00\x00\x00WAVEfmt "),
        ("image/jpeg", lambda: turned(1)[:200]),
        ("image/png", lambda: saved(halves(), "PNG")[:-30]),
        ("image/png", lambda: saved(Image.new("1", (8_000, 6_000)), "PNG")),
        ("image/gif", lambda: _moving(301)),
    ],
    ids=["empty", "svg", "other kind", "other riff", "cut jpeg", "cut png", "48 megapixels", "301 frames"],
)
def test_what_cannot_be_shown_fails_with_a_sentence(tmp_path: Path, kind: str, make: Callable[[], bytes]) -> None:
    answer = processed(tmp_path, make(), kind)
    assert list(answer) == ["failure"]
    assert answer["failure"].endswith(".")
    assert list(tmp_path.glob("*.webp")) == []


def _moving(count: int) -> bytes:
    frames = [Image.new("RGB", (4, 4), (200 * (place % 2), 0, 0)) for place in range(count)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)
