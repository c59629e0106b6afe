"""An author who posts at a fixed interval, for subscribers to receive."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bench.data.population import PASSWORD
from bench.harness.client import connected, sign_in


@dataclass(slots=True)
class SteadyPosts:
    """Posts as one author at a fixed interval. `failed` has the errors of posts that failed."""

    every_ms: float
    failed: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def running(self, url: str, handle: str) -> AsyncIterator[None]:
        async with connected(url) as http:
            author = await sign_in(http, handle, PASSWORD)

            async def post(number: int) -> None:
                try:
                    await author.post(f"Rook number {number} has landed, sent at {time.time():.6f}")
                except Exception as error:  # noqa: BLE001 - whatever it is, the figures are to say it
                    self.failed.append(repr(error))

            async def keep_posting() -> None:
                due, number = time.monotonic(), 0
                async with asyncio.TaskGroup() as group:
                    while True:
                        due, number = due + self.every_ms / 1000, number + 1
                        group.create_task(post(number))
                        await asyncio.sleep(max(due - time.monotonic(), 0))

            posting = asyncio.create_task(keep_posting())
            try:
                yield
            finally:
                posting.cancel()
                with suppress(asyncio.CancelledError):
                    await posting
