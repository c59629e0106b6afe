"""A TCP proxy that cuts its connections when it is told to, or loses an answer."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.service import Service


@dataclass(slots=True)
class CuttingProxy:
    port: int
    target: int
    blocks_sockets: bool = False
    cuts: int = 0
    lost_answers: int = 0
    _answers_to_lose: int = 0
    _writers: set[StreamWriter] = field(default_factory=set)

    @property
    def address(self) -> str:
        """That of /graphql."""
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def connections(self) -> int:
        return len(self._writers) // 2

    def cut(self) -> bool:
        """Resets all connections; false where there was none."""
        writers = list(self._writers)
        for writer in writers:
            writer.transport.abort()
        self.cuts += bool(writers)
        return bool(writers)

    def lose_next_answer(self) -> None:
        """The next bytes from the server end their connection in the place of arriving."""
        self._answers_to_lose += 1

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, up_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pumped(reader, up_writer, is_answer=False))
                group.create_task(self._pumped(up_reader, writer, is_answer=True))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pumped(self, reader: StreamReader, writer: StreamWriter, *, is_answer: bool) -> None:
        """Hands on what comes in; ends both sides with it."""
        with suppress(OSError):
            while data := await reader.read(65_536):
                if is_answer and self._answers_to_lose:
                    self._answers_to_lose -= 1
                    self.lost_answers += 1
                    break
                if not is_answer and self.blocks_sockets and b"upgrade: websocket" in data.lower():
                    break
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def proxied(service: Service) -> AsyncIterator[CuttingProxy]:
    """A proxy before a service."""
    async with cutting_proxy(int(service.url.rpartition(":")[2])) as proxy:
        yield proxy


@asynccontextmanager
async def cutting_proxy(target: int) -> AsyncIterator[CuttingProxy]:
    """Serves on a free port."""
    proxy = CuttingProxy(0, target)
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
        await asyncio.gather(*serving, return_exceptions=True)
