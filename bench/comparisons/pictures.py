"""The program of the worker beside the same work by Pillow: a 12-megapixel JPEG to three variants, in turns.

Bytes are compared at equal SSIM, over pictures of the generator: for each, the quality of Pillow's that looks as good.
"""

import random
import subprocess
import sys
import tempfile
from bisect import bisect_left
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pyvips
from PIL import Image

from bench.comparisons import pictures_by_pillow
from bench.harness.figures import Figure
from workers.media.pictures import ENVIRONMENT, PROGRAM

NAME = "pictures"
ROUNDS = 7
SIZE = (4_000, 3_000)
_SPOTS = 400
PICTURES, _SMALL_SIZE = 50, (960, 720)
_QUALITIES = range(50, 98)
# A small process starts the program, since the most memory of a child includes that of the process it is forked from.
_DRIVER = """
import resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


class _Cost(NamedTuple):
    seconds: float
    cpu_seconds: float
    megabytes: float


async def run() -> list[Figure]:
    data = _photograph(1)
    programs = {"pyvips": PROGRAM, "Pillow": Path(pictures_by_pillow.__file__)}
    costs: dict[str, list[_Cost]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            costs[name].append(_cost(program, data))
    ours, theirs = (_Cost(*map(median, zip(*costs[name], strict=True))) for name in programs)
    kind = f"JPEG of {SIZE[0] * SIZE[1] / 1e6:.0f} megapixels, {len(data) / 1e6:.1f} MB, to three variants"
    return [
        _figure(f"{kind}, time", ours.seconds, theirs.seconds, "s", "0.7 of Pillow's"),
        _figure(f"{kind}, processor time", ours.cpu_seconds, theirs.cpu_seconds, "s", ""),
        _figure(f"{kind}, most memory", ours.megabytes, theirs.megabytes, "MB", "0.5 of Pillow's"),
        _figure(f"{PICTURES} pictures, bytes at equal SSIM", *_megabytes_at_equal_ssim(), "MB", ""),
    ]


def _figure(what: str, ours: float, theirs: float, unit: str, goal: str) -> Figure:
    return Figure(NAME, what, f"{ours:.2f} {unit}", goal, f"{ours / theirs:.2f} of Pillow's {theirs:.2f} {unit}")


def _cost(program: Path, data: bytes) -> _Cost:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "original").write_bytes(data)
        command = [sys.executable, "-c", _DRIVER, sys.executable, "-I", str(program), name, "image/jpeg"]
        ended = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return _Cost(*map(float, ended.stdout.split()))


def _megabytes_at_equal_ssim() -> tuple[float, float]:
    ours = theirs = 0.0
    for seed in range(PICTURES):
        data = _photograph(seed, _SMALL_SIZE)
        made = _large_of(data)
        wanted = pyvips.Image.new_from_buffer(data, "")
        ours += len(made)
        theirs += _bytes_by_pillow(data, wanted, _ssim(wanted, made))
    return ours / 1e6, theirs / 1e6


def _large_of(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "original").write_bytes(data)
        subprocess.run([sys.executable, "-I", str(PROGRAM), name, "image/jpeg"], env=ENVIRONMENT, check=True)
        return (Path(name) / "LARGE.webp").read_bytes()


def _bytes_by_pillow(data: bytes, wanted: pyvips.Image, ssim: float) -> float:
    """Bytes of Pillow's WebP of this SSIM, between the qualities around it."""
    made: dict[int, tuple[float, int]] = {}

    def at(quality: int) -> float:
        file = BytesIO()
        Image.open(BytesIO(data)).save(file, "WEBP", quality=quality, method=2)
        made[quality] = _ssim(wanted, file.getvalue()), len(file.getvalue())
        return made[quality][0]

    above = max(bisect_left(_QUALITIES, ssim, key=at), 1)
    (low, fewer), (high, more) = [made.get(one) or (at(one), made[one][1]) for one in _QUALITIES[above - 1 : above + 1]]
    return fewer + (more - fewer) * (ssim - low) / (high - low)


def _ssim(wanted: pyvips.Image, made: bytes) -> float:
    """Structural similarity of the luminances (Wang et al. 2004), by a Gaussian window of 1.5 pixels."""
    one, other = (
        picture.colourspace("b-w").cast("float") for picture in (wanted, pyvips.Image.new_from_buffer(made, ""))
    )

    def mean(picture: pyvips.Image) -> pyvips.Image:
        return picture.gaussblur(1.5, precision="float")

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    x, y = mean(one), mean(other)
    spread = mean(one * one) - x * x + mean(other * other) - y * y
    shared = mean(one * other) - x * y
    similar = (2 * x * y + c1) * (2 * shared + c2) / ((x * x + y * y + c1) * (spread + c2))
    average: float = similar.avg()
    return average


def _photograph(seed: int, size: tuple[int, int] = SIZE) -> bytes:
    """Spots of colour over a gradient with noise: neither flat nor all noise."""
    dice = random.Random(seed)
    picture = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * turn) for turn in range(3)]).resize(size)
    for _ in range(_SPOTS * size[0] // SIZE[0]):
        spot = tuple(dice.randrange(256) for _ in range(3))
        side, x, y = dice.randrange(20, size[0] // 8), dice.randrange(size[0]), dice.randrange(size[1])
        picture.paste(spot, (x, y, x + side, y + side))
    noise = Image.effect_noise(size, dice.randrange(4, 20)).convert("RGB")
    file = BytesIO()
    Image.blend(picture, noise, 0.15).save(file, "JPEG", quality=90)
    return file.getvalue()
