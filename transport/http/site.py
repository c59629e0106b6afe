"""Routes of the files in web/: the page, the widget, and GraphiQL with its assets.

No page loads anything from another host. The page's modules have addresses with a hash of their content, so that
browsers cache them for good and never mix two versions.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from transport.http.static_files import ASK_EACH_TIME, KEEP_FOREVER, StaticFile
from transport.request import headers

WEB = Path(__file__).resolve().parents[2] / "web"
APP_FOLDERS = ("", "api", "live", "parts", "store", "styles", "text", "vendor", "views")
APP_SUFFIXES = (".css", ".js")
# Loaded on demand: every view but home, and the modules that weigh a tweet being written.
LATER = frozenset(
    (
        *("text/punycode.js", "text/tables.js", "text/urls.js", "text/weight.js", "parts/chart.js"),
        *("views/campaigns.js", "views/explore.js", "views/hashtag.js", "views/lists.js", "views/notifications.js"),
        *("views/profile.js", "views/search.js", "views/settings.js", "views/tweet.js", "views/welcome.js"),
    )
)
# Addresses that the page itself routes.
APP_PATHS = (
    *("/", "/welcome", "/explore", "/search", "/notifications", "/bookmarks", "/requests"),
    *("/campaigns", "/campaigns/{rest:path}", "/settings", "/settings/{rest:path}"),
    *("/people/{rest:path}", "/tweets/{rest:path}", "/hashtags/{rest:path}"),
)
# Only programs and files lie below these.
PROGRAMS_PATHS = ("/graphql", "/graphiql", "/web/")
HEAD_MARK = "<!-- head -->"
GRAPHIQL_PATH = "/graphiql"
GRAPHIQL_FILES = (
    "graphiql.js",
    "graphiql.css",
    "editor.worker.js",
    "json.worker.js",
    "graphql.worker.js",
    "codicon.ttf",
)
# Not made by a build.
GRAPHIQL_OWN_FILES = ("signin.js", "place.css")


class Site:
    """Routes of web/, and the page for unknown addresses."""

    def __init__(self, *, graphiql: bool = True, demo: tuple[str, str] | None = None) -> None:
        """`demo`: handle and password of an account that the page offers for sign-in."""
        self._graphiql = graphiql
        self._files = app_files()
        self._shell = StaticFile.pack(self._files.shell(demo, graphiql=graphiql).encode(), ".html", headers.PAGE)

    def routes(self) -> list[Route]:
        """All routes but GraphiQL's page, which the GraphQL endpoint serves."""
        routes = [_route(path, self._shell) for path in APP_PATHS]
        routes += [
            Route("/web/{version}/{name:path}", self._files.serve, methods=["GET"]),
            _route("/icon.svg", StaticFile.read(WEB / "icon.svg", headers.PAGE)),
            _route("/widget", StaticFile.read(WEB / "widget" / "index.html", headers.WIDGET_DEMO)),
            _route("/widget/demo.css", StaticFile.read(WEB / "widget" / "demo.css", headers.WIDGET_DEMO)),
            _route("/widget/demo.js", StaticFile.read(WEB / "widget" / "demo.js", headers.WIDGET_DEMO)),
            _route("/widget.js", StaticFile.read(WEB / "widget.js", headers.WIDGET)),
        ]
        if self._graphiql:
            folder = WEB / "graphiql"
            routes += [
                _route(f"{GRAPHIQL_PATH}/{name}", StaticFile.read(folder / name, headers.GRAPHIQL))
                for name in (*GRAPHIQL_FILES, *GRAPHIQL_OWN_FILES)
            ]
        return routes

    async def not_found(self, request: Request, _: Exception) -> Response:
        """Handler of status 404: a browser that opens an unknown address gets the page, which shows that."""
        is_opened = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if not is_opened or request.url.path.startswith(PROGRAMS_PATHS):
            return PlainTextResponse("Not Found", status_code=404)
        return self._shell.response(request, status=HTTPStatus.NOT_FOUND)


def graphiql_page() -> StaticFile:
    return StaticFile.read(WEB / "graphiql" / "index.html", headers.GRAPHIQL)


class AppFiles:
    """Modules and styles of the page, served under one version: the hash of them all."""

    def __init__(self) -> None:
        self._pages = {name: StaticFile.read(path, headers.FILE) for name, path in sorted(_app_files())}
        etags = "".join(page.etag for page in self._pages.values())
        self.version = hashlib.sha256(etags.encode()).hexdigest()[:16]

    def shell(self, demo: tuple[str, str] | None, *, graphiql: bool) -> str:
        """The HTML document that loads them; its meta tags name the server's options."""
        lines = [f'<link rel="stylesheet" href="{self._path(name)}">' for name in self._styles()]
        lines += [f'<link rel="modulepreload" href="{self._path(name)}">' for name in self._early_modules()]
        lines.append(f'<script type="module" src="{self._path("main.js")}"></script>')
        if graphiql:
            lines.append('<meta name="graphiql" content="/graphql">')
        if demo:
            handle, password = demo
            lines.append(f'<meta name="demo" content="{escape(handle)} {escape(password)}">')
        return (WEB / "index.html").read_text().replace(HEAD_MARK, "\n    ".join(lines))

    async def serve(self, request: Request) -> Response:
        """An outdated version gets the current file, without caching."""
        page = self._pages.get(request.path_params["name"])
        if page is None:
            return PlainTextResponse("Not Found", status_code=404)
        is_current = request.path_params["version"] == self.version
        return page.response(request, caching=KEEP_FOREVER if is_current else ASK_EACH_TIME)

    def _styles(self) -> list[str]:
        return [name for name in self._pages if name.endswith(".css")]

    def _early_modules(self) -> list[str]:
        return [name for name in self._pages if name.endswith(".js") and name not in LATER]

    def _path(self, name: str) -> str:
        return f"/web/{self.version}/{name}"


@cache
def app_files() -> AppFiles:
    """Read and compressed once per process; files do not change while it runs."""
    return AppFiles()


def _app_files() -> Iterator[tuple[str, Path]]:
    for folder in APP_FOLDERS:
        for path in (WEB / folder).iterdir():
            if path.suffix in APP_SUFFIXES and path.name != "widget.js":
                yield path.relative_to(WEB).as_posix(), path


def _route(path: str, page: StaticFile) -> Route:
    async def serve(request: Request) -> Response:
        return page.response(request)

    return Route(path, serve, methods=["GET"])
