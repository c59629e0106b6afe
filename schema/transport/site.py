"""The static pages of web/: the start page, and GraphiQL with all that it loads. No page asks another host.

GraphiQL's files are kept compressed, and sent so to whoever takes it.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.transport import headers

WEB = Path(__file__).resolve().parents[2] / "web"
START_FILES = {"/": "index.html", "/start.css": "start.css", "/icon.svg": "icon.svg"}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
GRAPHIQL_PATH = "/graphiql"
GRAPHIQL_FILES = (
    "graphiql.js",
    "graphiql.css",
    "editor.worker.js",
    "json.worker.js",
    "graphql.worker.js",
    "codicon.ttf",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A file as it is sent: its bytes, gzipped where `is_packed`."""

    content: bytes
    media_type: str
    etag: str
    is_packed: bool
    security: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, security: Mapping[str, str]) -> "Page":
        """Of a path with the name that browsers see; the file may have `.gz` behind it."""
        packed = path.with_name(path.name + ".gz")
        content = (packed if packed.exists() else path).read_bytes()
        etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        return cls(content, MEDIA_TYPES[path.suffix], etag, is_packed=packed.exists(), security=security)

    def response(self, request: Request) -> Response:
        """304 where the browser has it."""
        head = {**self.security, "cache-control": "no-cache", "etag": self.etag, "vary": "Accept-Encoding"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=head)
        content = self.content
        if self.is_packed and "gzip" in request.headers.get("accept-encoding", ""):
            head["content-encoding"] = "gzip"
        elif self.is_packed:
            content = gzip.decompress(content)
        return Response(content, headers={**head, "content-type": self.media_type})


def pages(*, graphiql: bool = True) -> list[Route]:
    """The start page at `/`, and the files of GraphiQL, whose own page is served at the GraphQL endpoint."""
    routes = [_route(path, Page.read(WEB / name, headers.PAGE)) for path, name in START_FILES.items()]
    if graphiql:
        folder = WEB / "graphiql"
        routes += [
            _route(f"{GRAPHIQL_PATH}/{name}", Page.read(folder / name, headers.GRAPHIQL)) for name in GRAPHIQL_FILES
        ]
    return routes


def graphiql_page() -> Page:
    return Page.read(WEB / "graphiql" / "index.html", headers.GRAPHIQL)


def _route(path: str, page: Page) -> Route:
    async def serve(request: Request) -> Response:
        return page.response(request)

    return Route(path, serve, methods=["GET"])
