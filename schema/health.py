"""/healthz: the process runs. /readyz: it can serve reads, for which one store suffices; names the stores.

A process whose clock stepped back far is not ready: it refuses writes until the clock is near again.
After SIGTERM a process is not ready, although it serves for its grace period.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from transport.lifecycle.scope_state import lifecycle_of

Ask = Callable[[], Awaitable[dict[str, bool]]]


def alive_route() -> Route:
    return Route("/healthz", _alive)


def ready_route(answering_stores: Ask, has_steady_clock: Callable[[], bool]) -> Route:
    async def ready(request: Request) -> Response:
        lifecycle = lifecycle_of(request.scope)
        if lifecycle is not None and lifecycle.is_leaving:
            return JSONResponse({"leaving": True}, status_code=503)
        answering = await answering_stores()
        found: dict[str, object] = {
            "stores": {name: "ok" if answers else "away" for name, answers in answering.items()}
        }
        is_steady = has_steady_clock()
        if not is_steady:
            found["clock"] = "stepped back"
        return JSONResponse(found, status_code=200 if is_steady and any(answering.values()) else 503)

    return Route("/readyz", ready)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")
