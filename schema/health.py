"""/healthz: the process runs. /readyz: it can serve reads, for which one store suffices; names the stores.

After SIGTERM a process is not ready, although it serves for its grace period.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from transport.server.scope_state import lifecycle_of

Ask = Callable[[], Awaitable[dict[str, bool]]]


def alive_route() -> Route:
    return Route("/healthz", _alive)


def ready_route(answering_stores: Ask) -> Route:
    async def ready(request: Request) -> Response:
        lifecycle = lifecycle_of(request.scope)
        if lifecycle is not None and lifecycle.is_leaving:
            return JSONResponse({"leaving": True}, status_code=503)
        answering = await answering_stores()
        stores = {name: "ok" if answers else "away" for name, answers in answering.items()}
        return JSONResponse({"stores": stores}, status_code=200 if any(answering.values()) else 503)

    return Route("/readyz", ready)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")
