"""/healthz: the process lives. /readyz: it can serve reads, which one store suffices for; it says which is away."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

Ask = Callable[[], Awaitable[dict[str, bool]]]


def health_routes(answering_stores: Ask) -> list[Route]:
    async def ready(_: Request) -> Response:
        answering = await answering_stores()
        stores = {name: "ok" if answers else "away" for name, answers in answering.items()}
        return JSONResponse({"stores": stores}, status_code=200 if any(answering.values()) else 503)

    return [Route("/healthz", _alive), Route("/readyz", ready)]


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")
