"""A real S3 server: `rclone serve s3` over a folder, on a free port."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from datastore.embedded.stores import free_port
from tests.support.waiting import eventually

KEY, SECRET, BUCKET = "rook", "a secret of the tests", "pictures"
PROGRAM = Path(sys.executable).with_name("rclone")


@asynccontextmanager
async def running_s3(folder: Path) -> AsyncIterator[str]:
    """The setting MEDIA_URL of a bucket; its client needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."""
    (folder / BUCKET).mkdir()
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(str(PROGRAM), "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"),
        env={"HOME": str(folder), "RCLONE_CONFIG": str(folder / "rclone.conf")},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: _listens(port), within=20.0)
        yield f"s3://{BUCKET}?endpoint=http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
