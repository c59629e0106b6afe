"""/healthz: the process lives. /readyz: it can serve reads, which one store suffices for; it says which is away.

A process that was told to end is not ready any more, though it serves for a while.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from transport.server.connections import serving_of

Ask = Callable[[], Awaitable[dict[str, bool]]]


def health_routes(answering_stores: Ask) -> list[Route]:
    async def ready(request: Request) -> Response:
        serving = serving_of(request.scope)
        if serving is not None and serving.is_leaving:
            return JSONResponse({"leaving": True}, status_code=503)
        answering = await answering_stores()
        stores = {name: "ok" if answers else "away" for name, answers in answering.items()}
        return JSONResponse({"stores": stores}, status_code=200 if any(answering.values()) else 503)

    return [Route("/healthz", _alive), Route("/readyz", ready)]


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")
