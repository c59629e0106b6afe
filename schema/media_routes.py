"""Addresses of pictures: PUT for the bytes of an upload, GET for a variant.

A variant of everybody's picture never changes, and browsers keep it; any other address is signed, and serves for
minutes. Each request asks whether the picture may still be seen.
"""

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.errors import UnavailableError
from core.ids import MAX_ID, MediaId
from core.runtime.deadlines import Deadlines
from datastore.media.records import MediaSize
from datastore.media.storage import CONTENT_TYPE
from resolvers.media.pictures import PATH, Picture, file_of, served, signed_address
from resolvers.media.uploads import UploadRefusedError, receive
from resolvers.services import Services
from transport.http.ranges import ranged_response
from transport.http.static_files import KEEP_FOREVER
from transport.request.headers import MEDIA
from transport.request.origins import cross_origin

_READ_SECONDS: Final = 60.0
# Signed addresses serve for minutes; a browser may show what it has for as long.
_KEEP_FOR_MINUTES: Final = "private, max-age=600"
# S3 answers for so long; the picture may be hidden in the meantime.
_REDIRECTED_SECONDS: Final = 10
_reading = Deadlines(_READ_SECONDS)
GetServices = Callable[[], Services]


def media_routes(services: GetServices, allowed_origins: Collection[str]) -> list[Route]:
    cors = [cross_origin(allowed_origins, methods=("PUT",))]

    async def show(request: Request) -> Response:
        try:
            return await _show(services(), request)
        except UnavailableError as error:
            return _unavailable(error)

    async def upload(request: Request) -> Response:
        try:
            return await _upload(services(), request)
        except UnavailableError as error:
            return _unavailable(error)

    return [
        Route(f"{PATH}/uploads/{{token}}", upload, methods=["PUT"], middleware=cors),
        Route(f"{PATH}/{{media_id:int}}/{{secret}}/{{name}}", show, methods=["GET"]),
    ]


async def _show(services: Services, request: Request) -> Response:
    named, query = request.path_params, request.query_params
    if named["media_id"] > MAX_ID:
        return _not_found()
    path = MediaId(named["media_id"]), named["secret"], named["name"]
    found = await served(services, path, query.get("until", ""), query.get("signature", ""))
    return _not_found() if found is None else await _content(services, request, *found)


async def _content(services: Services, request: Request, picture: Picture, size: MediaSize) -> Response:
    address = await signed_address(services.stores.media, picture, size, _REDIRECTED_SECONDS)
    if address is not None:
        return RedirectResponse(address, HTTPStatus.FOUND, {**MEDIA, "cache-control": "no-store"})
    content = await file_of(services.stores.media, picture, size)
    if content is None:
        return _not_found()
    caching = KEEP_FOREVER if picture.is_public else _KEEP_FOR_MINUTES
    head = {**MEDIA, "content-type": CONTENT_TYPE, "cache-control": caching}
    return ranged_response(request, content, f'"{picture.record.secret}-{size}"', head)


async def _upload(services: Services, request: Request) -> Response:
    try:
        body = await _body(request, services.media_limit)
        content_type = request.headers.get("content-type", "").lower()
        await receive(services, request.path_params["token"], content_type, body)
    except UploadRefusedError as refusal:
        head = {**MEDIA, "connection": "close"}
        return JSONResponse({"error": refusal.message}, refusal.status, head)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=MEDIA)


async def _body(request: Request, limit: int) -> bytes:
    """Raises UploadRefusedError: 413 if it is too large, 408 if too slow, 400 if cut off."""
    body = bytearray()
    try:
        with _reading.limit():
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise UploadRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {limit:,} bytes.")
    except TimeoutError:
        raise UploadRefusedError(HTTPStatus.REQUEST_TIMEOUT, "The bytes took too long to arrive.") from None
    except ClientDisconnect:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, "The bytes did not arrive whole.") from None
    return bytes(body)


def _not_found() -> Response:
    return PlainTextResponse("Not Found", HTTPStatus.NOT_FOUND, {**MEDIA, "cache-control": "no-store"})


def _unavailable(error: UnavailableError) -> Response:
    head = {**MEDIA, "retry-after": "1", "cache-control": "no-store"}
    return JSONResponse({"error": error.message}, HTTPStatus.SERVICE_UNAVAILABLE, head)
