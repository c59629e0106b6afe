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
    async with killable_s3(folder) as server:
        yield server.url


@asynccontextmanager
async def killable_s3(folder: Path) -> AsyncIterator["S3Server"]:
    (folder / BUCKET).mkdir()
    server = S3Server(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class S3Server:
    """One server on a fixed port, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()

    @property
    def url(self) -> str:
        """The setting MEDIA_URL of its bucket."""
        return f"s3://{BUCKET}?endpoint=http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        address, keys = f"127.0.0.1:{self._port}", f"{KEY},{SECRET}"
        self._process = await asyncio.create_subprocess_exec(
            *(str(PROGRAM), "serve", "s3", str(self._folder), "--addr", address, "--auth-key", keys),
            env={"HOME": str(self._folder), "RCLONE_CONFIG": str(self._folder / "rclone.conf")},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await eventually(lambda: _listens(self._port), within=20.0)

    async def kill(self) -> None:
        """Kills it by SIGKILL, and starts it again."""
        self._process.kill()
        await self._process.wait()
        await self.start()

    async def stop(self) -> None:
        self._process.terminate()
        await self._process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
