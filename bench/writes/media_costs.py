"""Costs of pictures and mails for the capacity planner: processor time of workers and stores, bytes.

A picture is a photograph of 12 million pixels, made here of noise and light; a mail is one of words alone.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image, ImageFilter
from pydantic import SecretStr

from bench.deployment.stack import running_stores, running_workers, until_listening
from bench.harness.cpu import children, seconds_by_word
from bench.writes.mails import MAILS, running_mail_server, send_mails
from datastore.embedded.stores import free_port
from datastore.jobs.routing import MAIL
from datastore.stores import open_stores
from workers.mails.smtp import CONNECTIONS
from workers.media.pictures import ENVIRONMENT, PROGRAM

PICTURES: Final = 8
_SIZE, _NOISE, _QUALITY = (4_000, 3_000), 60, 85
_PARTS: Final = {"worker_mail_us": "-m workers", "mongo_mail_us": "mongod", "redis_mail_us": "valkey-server"}


async def media_costs() -> dict[str, float]:
    return {**_picture_costs(), **await _mail_costs()}


def _picture_costs() -> Mapping[str, float]:
    """`stored`: all variants; `wire`: the one that timelines show."""
    with TemporaryDirectory(prefix="rookery-picture-") as name:
        folder, before = Path(name), _seconds_of_children()
        (folder / "original").write_bytes(_photograph())
        command = (sys.executable, str(PROGRAM), name, "image/jpeg")
        for _ in range(PICTURES):
            subprocess.run(command, check=True, env={**os.environ, **ENVIRONMENT})
        spent = _seconds_of_children() - before
        sizes = {
            size: one["bytes"] for size, one in json.loads((folder / "answer.json").read_text())["variants"].items()
        }
    return {
        "worker_picture_us": spent / PICTURES * 1e6,
        "picture_stored_bytes": float(sum(sizes.values())),
        "picture_wire_bytes": float(sizes["SMALL"]),
    }


def _seconds_of_children() -> float:
    """Processor time of the children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _photograph() -> bytes:
    width, height = _SIZE
    noise = Image.effect_noise((width // 4, height // 4), _NOISE).resize(_SIZE).filter(ImageFilter.GaussianBlur(2))
    light = Image.linear_gradient("L").resize(_SIZE)
    file = BytesIO()
    Image.merge("RGB", (noise, Image.blend(noise, light, 0.5), light)).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


async def _mail_costs() -> Mapping[str, float]:
    port = free_port()
    async with running_stores() as urls, running_mail_server(port) as server:
        await until_listening(port, server)
        settings = urls.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}")})
        async with open_stores(settings) as stores, running_workers(settings, MAIL):
            await send_mails(stores, CONNECTIONS)
            before = seconds_by_word(children(), tuple(_PARTS.values()))
            await send_mails(stores, MAILS)
            after = seconds_by_word(children(), tuple(_PARTS.values()))
    return {name: max((after[word] - before[word]) / MAILS * 1e6, 0.01) for name, word in _PARTS.items()}
