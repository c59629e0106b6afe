"""Three variants of a 12-megapixel JPEG: the program of the worker beside the same work by Pillow, in turns."""

import random
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import NamedTuple

from PIL import Image

from bench.comparisons import pictures_by_pillow
from bench.harness.figures import Figure
from workers.media.pictures import ENVIRONMENT, PROGRAM

NAME = "pictures"
ROUNDS = 7
SIZE = (4_000, 3_000)
_SPOTS = 400
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
    data = _photograph()
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
    ]


def _figure(what: str, ours: float, theirs: float, unit: str, goal: str) -> Figure:
    return Figure(NAME, what, f"{ours:.2f} {unit}", goal, f"{ours / theirs:.2f} of Pillow's {theirs:.2f} {unit}")


def _cost(program: Path, data: bytes) -> _Cost:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "original").write_bytes(data)
        command = [sys.executable, "-c", _DRIVER, sys.executable, "-I", str(program), name, "image/jpeg"]
        ended = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return _Cost(*map(float, ended.stdout.split()))


def _photograph() -> bytes:
    """Spots of colour over a gradient with noise: neither flat nor all noise."""
    dice = random.Random(1)
    picture = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * turn) for turn in range(3)]).resize(SIZE)
    for _ in range(_SPOTS):
        spot = tuple(dice.randrange(256) for _ in range(3))
        side, x, y = dice.randrange(20, 500), dice.randrange(SIZE[0]), dice.randrange(SIZE[1])
        picture.paste(spot, (x, y, x + side, y + side))
    noise = Image.effect_noise(SIZE, 12).convert("RGB")
    file = BytesIO()
    Image.blend(picture, noise, 0.15).save(file, "JPEG", quality=90)
    return file.getvalue()
