"""Real variety of pictures, compared pixel by pixel with what another library makes of them; nothing else is kept."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pyvips
from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageOps, ImageSequence, ImageStat

from tests.workers.media import bombs
from tests.workers.media.test_process_picture import processed, saved

SIZE = (128, 96)
# Of 255 levels: lossy WebP keeps colours in blocks of 2 x 2 pixels.
MOST_MEAN, MOST_ANYWHERE = 3.0, 32
_SOFT = ImageFilter.GaussianBlur(1.5)
PICTURE_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
PROFILE, EXIF, XMP = 0x20, 0x08, 0x04
SECRETS = (b"A maker", b"Exif", b"ICC_PROFILE", b"acsp", b"GPS", b"xmpmeta", b"a comment")
GPS = {1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)}


class Case(NamedTuple):
    """A file, and the frames that its variants show."""

    content_type: str
    data: bytes
    frames: Sequence[Image.Image]


def slopes() -> Image.Image:
    """Soft colours that differ in each corner."""
    channels = (Image.linear_gradient("L"), Image.linear_gradient("L").rotate(90), Image.radial_gradient("L"))
    return Image.merge("RGB", channels).resize(SIZE).filter(ImageFilter.GaussianBlur(2))


def turned(orientation: int) -> Case:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "A maker"
    exif.get_ifd(0x8825).update(GPS)
    data = saved(slopes(), "JPEG", quality=97, exif=exif, comment=b"a comment", icc_profile=profile("srgb"))
    return Case("image/jpeg", data, [ImageOps.exif_transpose(Image.open(BytesIO(data)))])


def profile(name: str) -> bytes:
    """A profile that libvips brings: srgb, p3, cmyk."""
    return bytes(pyvips.Image.profile_load(name))


def profiled(mode: str, name: str, content_type: str, *, is_embedded: bool = True, **options: Any) -> Case:
    """Colours of a profile, which the reference converts by Pillow."""
    picture = slopes() if mode == "RGB" else slopes().convert("CMYK")
    embedded = {"icc_profile": profile(name)} if is_embedded else {}
    data = saved(picture, content_type.removeprefix("image/"), **embedded, **options)
    opened = Image.open(BytesIO(data))
    source, target = (ImageCms.ImageCmsProfile(BytesIO(profile(one))) for one in (name, "srgb"))
    shown = ImageCms.profileToProfile(opened, source, target, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB")
    assert shown is not None
    return Case(content_type, data, [shown])


def still(picture: Image.Image, kind: str = "PNG", **options: Any) -> Case:
    data = saved(picture, kind, **options)
    return Case(f"image/{kind.lower()}", data, [Image.open(BytesIO(data))])


def with_alpha(mode: str) -> Image.Image:
    picture = slopes().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(SIZE))
    return picture.convert(mode)


def of_sixteen_bits() -> Case:
    """Pillow writes no such picture."""
    levels = slopes().tobytes()
    rows = [levels[start : start + 3 * SIZE[0]] for start in range(0, len(levels), 3 * SIZE[0])]
    deep = b"".join(b"\0" + bytes(byte for level in row for byte in (level, level)) for row in rows)
    return Case("image/png", bombs.png(*SIZE, deep, bits=16), [slopes()])


def grey_of_sixteen_bits() -> Case:
    grey = slopes().convert("L")
    deep = Image.frombytes("I;16", SIZE, b"".join(bytes((level, level)) for level in grey.tobytes()))
    return Case("image/png", saved(deep, "PNG"), [grey])


def moving(kind: str, *, shown: int) -> Case:
    """Four frames; `shown` of them are seen."""
    picture = slopes()
    frames = [picture, ImageOps.mirror(picture), ImageOps.flip(picture), ImageOps.flip(ImageOps.mirror(picture))]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=80, loop=0, **options)
    opened = ImageSequence.Iterator(Image.open(BytesIO(data)))
    return Case(f"image/{kind.lower()}", data, [frame.copy() for frame in opened][:shown])


CASES: Mapping[str, Callable[[], Case]] = {
    **{f"orientation {one}": partial(turned, one) for one in range(1, 9)},
    "display P3": lambda: profiled("RGB", "p3", "image/jpeg", quality=97),
    "display P3 in PNG": lambda: profiled("RGB", "p3", "image/png"),
    "display P3 in WebP": lambda: profiled("RGB", "p3", "image/webp", lossless=True),
    "CMYK": lambda: profiled("CMYK", "cmyk", "image/jpeg", quality=97),
    "CMYK without a profile": lambda: profiled("CMYK", "cmyk", "image/jpeg", is_embedded=False, quality=97),
    "16 bits": of_sixteen_bits,
    "grey of 16 bits": grey_of_sixteen_bits,
    "grey": lambda: still(slopes().convert("L")),
    "grey with alpha": lambda: still(with_alpha("LA")),
    "grey JPEG": lambda: still(slopes().convert("L"), "JPEG", quality=97),
    "progressive": lambda: still(slopes(), "JPEG", quality=97, progressive=True),
    "alpha": lambda: still(with_alpha("RGBA")),
    "alpha in WebP": lambda: still(with_alpha("RGBA"), "WEBP", lossless=True, exact=True),
    "palette": lambda: still(slopes().quantize(64, dither=Image.Dither.NONE)),
    "palette with transparency": lambda: still(slopes().quantize(16, dither=Image.Dither.NONE), transparency=3),
    "two colours": lambda: still(slopes().convert("L").point(lambda level: 255 * (level > 127)).convert("1")),
    "GIF": lambda: still(slopes().quantize(64, dither=Image.Dither.NONE), "GIF"),
    "moving GIF": lambda: moving("GIF", shown=4),
    "moving WebP": lambda: moving("WEBP", shown=4),
    "moving PNG": lambda: moving("PNG", shown=1),
}


def test_pictures_look_as_they_did_and_carry_nothing_else(tmp_path: Path) -> None:
    wrong = []
    for number, (name, make) in enumerate(CASES.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        case = make()
        answer = processed(folder, case.data, case.content_type)
        assert (name, answer.get("failure"), case.frames[0].size) == (name, None, (answer["width"], answer["height"]))
        for size in answer["variants"]:
            wrong += [f"{name}, {size}: {line}" for line in differences(folder / f"{size}.webp", case.frames)]
    assert wrong == []


def differences(file: Path, frames: Sequence[Image.Image]) -> list[str]:
    data = file.read_bytes()
    found = [f"has {secret!r}" for secret in SECRETS if secret in data]
    found += [f"has a chunk {name!r}" for name in chunks(data) if name not in PICTURE_CHUNKS]
    if data[12:16] == b"VP8X" and data[20] & (PROFILE | EXIF | XMP):
        found.append("says that it has a profile, EXIF or XMP")
    made = [frame.copy() for frame in ImageSequence.Iterator(Image.open(file))]
    if len(made) != len(frames):
        return [*found, f"{len(made)} frames"]
    return found + [line for pair in zip(made, frames, strict=True) for line in unlike(*pair)]


def unlike(made: Image.Image, frame: Image.Image) -> list[str]:
    """On white and on black, so that transparency counts; softened, for steps between few colours are not kept."""
    wanted = frame.convert("RGBA").resize(made.size, Image.Resampling.LANCZOS, reducing_gap=None)
    found = []
    for colour in ("white", "black"):
        one, other = (on(picture.convert("RGBA"), colour) for picture in (made, wanted))
        difference = ImageChops.difference(*[picture.filter(_SOFT) for picture in (one, other)])
        mean, most = max(ImageStat.Stat(difference).mean), max(high for _, high in ImageStat.Stat(difference).extrema)
        if mean > MOST_MEAN or most > MOST_ANYWHERE:
            found.append(f"on {colour} {mean:.1f} of 255 in the mean, {most} at most")
    return found


def on(picture: Image.Image, colour: str) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", picture.size, colour), picture).convert("RGB")


def chunks(data: bytes) -> list[bytes]:
    """Names of the chunks of a WebP file, those of frames too."""
    found, place = [], 12
    while place < len(data):
        name, length = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        found.append(name)
        if name == b"ANMF":
            found += chunks(bytes(12) + data[place + 24 : place + 8 + length])
        place += 8 + length + length % 2
    return found
