"""Paths that the proxies let through: those that are served in production, and nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from datastore.embedded.stores import free_port
from resolvers.services import Services
from schema.media_routes import media_routes
from tests.docker.files import DOCKER, read_yaml
from tests.support.processes.haproxy import needs_haproxy, running_haproxy
from tests.support.service import serving_app
from tests.support.waiting import eventually
from transport.http.site import APP_PATHS, PREVIEWED_PATHS, Site

REFUSED = (
    *("/metrics", "/readyz", "/healthz", "/schema.graphql", "/graphiql", "/graphiql/graphiql.js", "/mail", "/nowhere"),
    *("/graphql/", "/graphql/x", "//metrics", "/./metrics", "/%6Detrics", "/%6d%65trics", "/metrics/", "/METRICS"),
    *("/web/../metrics", "/web/%2e%2e/metrics", "/people/a/../../metrics", "/people/.%2E/readyz", "/../metrics"),
)
NORMALISED = {
    "//graphql": "/graphql",
    "/metrics/../graphql": "/graphql",
    "/./people/%61lice": "/people/alice",
    "/people//../../tweets/1": "/tweets/1",
    # A decoded slash would be another path: it stays, and means nothing to the API.
    "/web/..%2fmetrics": "/web/../metrics",
}


def served_paths() -> tuple[set[str], set[str]]:
    """Whole paths and beginnings of paths that an API process serves to clients in production."""
    pictures = (route.path for route in media_routes(services, ()))
    paths = {"/graphql", *pictures, *(route.path for route in Site(graphiql=False).routes())}
    assert {*APP_PATHS, *PREVIEWED_PATHS} <= paths
    whole = {path for path in paths if "{" not in path}
    return whole, {_beginning(path) for path in paths - whole}


def services() -> Services:
    raise AssertionError("no request is served")


def _beginning(path: str) -> str:
    return "/media/" if path.startswith("/media/") else path.partition("{")[0]


def test_haproxy_lets_through_what_is_served() -> None:
    text = (DOCKER / "haproxy.cfg").read_text()
    rules = re.findall(r"^ +acl open (path|path_beg) (.+)$", text, re.MULTILINE)
    found = {kind: {path for rule, paths in rules if rule == kind for path in paths.split()} for kind, _ in rules}
    assert (found["path"], found["path_beg"]) == served_paths()


def test_ingress_lets_through_what_is_served() -> None:
    (rule,) = read_yaml("kubernetes", "ingress.yaml")["spec"]["rules"]
    paths = [(path["pathType"], path["path"]) for path in rule["http"]["paths"]]
    found = [{path for kind, path in paths if kind == wanted} for wanted in ("Exact", "Prefix")]
    assert tuple(found) == served_paths()


@asynccontextmanager
async def everything_behind_haproxy() -> AsyncIterator[int]:
    """HAProxy's port; the server behind it answers every path, with the path."""

    async def tell(request: Request) -> Response:
        return PlainTextResponse(request.scope["path"])

    port = free_port()
    async with (
        serving_app(Starlette(routes=[Route("/{path:path}", tell)]), port),
        running_haproxy(port, port) as balanced,
    ):
        yield balanced


async def asked(port: int, path: str) -> tuple[int, str]:
    """Status and body of an answer; the path is sent as it is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: rookery.example\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body


async def served(port: int, path: str) -> str:
    """The body of the first answer by a server: HAProxy answers 503 itself while it takes a slow one for dead."""

    async def answered() -> tuple[int, str] | None:
        answer = await asked(port, path)
        return None if answer[0] == 503 else answer

    answer = await eventually(answered, within=20.0)
    assert answer is not None
    assert answer[0] == 200, path
    return answer[1]


@needs_haproxy
async def test_haproxy_refuses_what_is_not_open_however_it_is_written() -> None:
    whole, beginnings = served_paths()
    async with everything_behind_haproxy() as port:
        for path in REFUSED:
            assert (await asked(port, path))[0] == 404, path
        for path in (*whole, *(f"{beginning}x" for beginning in beginnings)):
            assert await served(port, path) == path
            assert await served(port, f"{path}?a=/metrics") == path
        for path, normalised in NORMALISED.items():
            assert await served(port, path) == normalised
