"""Routes of the files in web/: the page, the widget, and GraphiQL with its assets.

No page loads anything from another host. The page's script and styles have addresses with a hash of their content, so
that browsers cache them for good and never mix two versions.
"""

import hashlib
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from transport.http.modules import APP, combined, shortened
from transport.http.previews import NOTHING, ReadSignedOut, preview_of
from transport.http.static_files import ASK_EACH_TIME, KEEP_FOREVER, StaticFile
from transport.request import headers

WEB = Path(__file__).resolve().parents[2] / "web"
# Folders of web/ and scripts that are no part of the page.
OTHERS = ("graphiql", "widget", "widget.js", "push.js")
STYLES = "app.css"
# Addresses that the page itself routes. The proxies of docker/ list them, with all other routes; a test compares.
APP_PATHS = (
    *("/", "/welcome", "/explore", "/search", "/notifications", "/bookmarks", "/requests"),
    *("/appeal", "/moderation", "/moderation/{rest:path}"),
    *("/verify", "/reset", "/campaigns", "/campaigns/{rest:path}", "/settings", "/settings/{rest:path}"),
    *("/hashtags/{rest:path}", "/lists", "/lists/{rest:path}"),
)
PREVIEWED_PATHS = ("/people/{rest:path}", "/tweets/{rest:path}")
# Only programs and files lie below these.
PROGRAMS_PATHS = ("/graphql", "/graphiql", "/web/")
HEAD_MARK, FILES_MARK, TITLE = "<!-- head -->", "<!-- files -->", "<title>Rookery</title>"
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

    def __init__(
        self,
        *,
        graphiql: bool = True,
        mail: bool = False,
        demo: tuple[str, str] | None = None,
        read: ReadSignedOut | None = None,
    ) -> None:
        """`demo`: handle and password of an account that the page offers for sign-in. `read`: for link previews.

        `mail`: whether the server sends mails, so that the page offers what needs them.
        """
        self._read = read
        self._graphiql = graphiql
        self._files = app_files()
        self._text = self._files.shell(demo, graphiql=graphiql, mail=mail)
        self._shell = StaticFile.pack(self._text.encode(), ".html", headers.PAGE)

    def routes(self) -> list[Route]:
        """All routes but GraphiQL's page, which the GraphQL endpoint serves."""
        routes = [_route(path, self._shell) for path in APP_PATHS]
        routes += [Route(path, self._with_preview, methods=["GET"]) for path in PREVIEWED_PATHS]
        routes += [
            Route("/web/{version}/{name:path}", self._files.serve, methods=["GET"]),
            _route("/manifest.webmanifest", StaticFile.read(WEB / "manifest.webmanifest", headers.PAGE)),
            # At the root, since a service worker stands for what lies beside it.
            _route("/push.js", StaticFile.read(WEB / "push.js", headers.PAGE)),
            _route("/icon.svg", StaticFile.read(WEB / "icon.svg", headers.PAGE)),
            # On other sites too, in previews of links.
            _route("/icon.png", StaticFile.read(WEB / "icon.png", headers.WIDGET)),
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

    async def _with_preview(self, request: Request) -> Response:
        preview = NOTHING if self._read is None else await preview_of(self._read, request)
        if preview.title is None:
            return self._shell.response(request, status=preview.status)
        text = self._text.replace(TITLE, f"<title>{escape(preview.title)}</title>\n    {preview.tags}")
        return StaticFile.pack(text.encode(), ".html", headers.PAGE).response(request)


def graphiql_page() -> StaticFile:
    return StaticFile.read(WEB / "graphiql" / "index.html", headers.GRAPHIQL)


class AppFiles:
    """The page's script, the modules loaded on demand, and the styles, under one version: the hash of them all."""

    def __init__(self) -> None:
        modules = _sources(".js")
        # GraphiQL and the widget's example import some of the script's modules without the script.
        files = {**modules, **combined(modules), STYLES: shortened("\n".join(_sources(".css").values()))}
        self._pages = {
            name: StaticFile.pack(text.encode(), Path(name).suffix, headers.FILE) for name, text in files.items()
        }
        etags = "".join(page.etag for page in self._pages.values())
        self.version = hashlib.sha256(etags.encode()).hexdigest()[:16]

    def shell(self, demo: tuple[str, str] | None, *, graphiql: bool, mail: bool) -> str:
        """The HTML document that loads them; its meta tags name the server's options."""
        head = []
        if graphiql:
            head.append('<meta name="graphiql" content="/graphql">')
        if mail:
            head.append('<meta name="mail" content="on">')
        if demo:
            handle, password = demo
            head.append(f'<meta name="demo" content="{escape(handle)} {escape(password)}">')
        files = [
            f'<link rel="stylesheet" href="{self._path(STYLES)}">',
            f'<script type="module" src="{self._path(APP)}"></script>',
        ]
        text = (WEB / "index.html").read_text()
        return text.replace(HEAD_MARK, "\n    ".join(head)).replace(FILES_MARK, "\n    ".join(files))

    async def serve(self, request: Request) -> Response:
        """An outdated version gets the current file, without caching."""
        page = self._pages.get(request.path_params["name"])
        if page is None:
            return PlainTextResponse("Not Found", status_code=404)
        is_current = request.path_params["version"] == self.version
        return page.response(request, caching=KEEP_FOREVER if is_current else ASK_EACH_TIME)

    def _path(self, name: str) -> str:
        return f"/web/{self.version}/{name}"


@cache
def app_files() -> AppFiles:
    """Read and compressed once per process; files do not change while it runs."""
    return AppFiles()


def _sources(suffix: str) -> dict[str, str]:
    names = sorted(path.relative_to(WEB) for path in WEB.rglob(f"*{suffix}"))
    return {name.as_posix(): (WEB / name).read_text() for name in names if name.parts[0] not in OTHERS}


def _route(path: str, page: StaticFile) -> Route:
    async def serve(request: Request) -> Response:
        return page.response(request)

    return Route(path, serve, methods=["GET"])
