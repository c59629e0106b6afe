"""`python -m bench.harness.mail_server PORT`: a mail server that takes everything and keeps nothing."""

import asyncio
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class Taker:
    async def handle_DATA(self, _: SMTP, __: Session, ___: Envelope) -> str:  # noqa: N802 - of aiosmtpd
        return "250 Taken"


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taker(), hostname="localhost", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
