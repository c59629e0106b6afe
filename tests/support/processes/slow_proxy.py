"""A proxy before a MongoDB, whose answers come late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

_CHUNK = 1 << 16


class SlowProxy:
    """`url` leads through it to the database; answers wait for `seconds`, in their order."""

    def __init__(self, url: str, host: str, port: int) -> None:
        self.url, self.seconds = url, 0.0
        self._host, self._port = host, port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, to_server = await asyncio.open_connection(self._host, self._port)
        try:
            await asyncio.gather(
                self._pass(reader, to_server, is_answer=False), self._pass(behind, writer, is_answer=True)
            )
        finally:
            writer.close()
            to_server.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                if is_answer:
                    await asyncio.sleep(self.seconds)
                target.write(data)
                await target.drain()
        target.close()


@asynccontextmanager
async def slow_proxy(mongo_url: str) -> AsyncIterator[SlowProxy]:
    """Its URL connects to this one address, since a replica set would name that of the server."""
    parts = urlsplit(mongo_url)
    proxy = SlowProxy("", parts.hostname or "", parts.port or 0)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    query = "directConnection=true&serverMonitoringMode=poll"
    proxy.url = urlunsplit(parts._replace(netloc=f"127.0.0.1:{port}", query=query))
    try:
        yield proxy
    finally:
        server.close()
