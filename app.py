"""The composition root: uvicorn serves `app`; `python app.py` runs stores, API and workers together."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from core.runtime.gc_tuning import GrowthCollector, tune_gc
from core.runtime.logs import set_up_logs
from core.runtime.metrics_multiprocess import forget_process, shared_folder
from core.runtime.tracing import tracing
from core.settings import Settings, Switch, load_settings
from datastore.health import answering_stores, has_steady_clock, unreachable
from datastore.jobs.caught_mails import CaughtMail
from datastore.mongo.form import UnfitFormError, on_fit_form
from datastore.stores import Stores, open_stores
from launch import MAIL_IS_OFF, run_everything
from resolvers.demo import demo
from resolvers.services import Services, open_services
from schema.caught_mails import caught_mail_routes
from schema.health import alive_route, ready_route
from schema.live.wiring import wire_live
from schema.media_routes import media_routes
from schema.metrics import metrics_route
from schema.request.clients import client_of
from schema.request.scopes import ScopeGuard
from schema.roots import build_schema
from schema.sdl import print_sdl
from schema.values.declared_scopes import needed_scopes
from schema.work import WORK
from subscriptions.live import Live
from transport.asgi import RookeryGraphQL
from transport.execution.compilation import graphql_schema
from transport.http.site import Site
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.origins import LOOPBACK
from transport.request.persisted_documents import PersistedDocuments
from transport.request.trusted_documents import read_trusted
from transport.server.operations_port import OperationsPort
from transport.server.uvicorn_protocols import ServedApp, StartError

STORES_SECONDS = 30.0
_FOR_LOAD_TESTS = replace(DEFAULT_LIMITS, connections_per_range=sys.maxsize)


class Rookery:
    """The application, and the services that it opens while it is served."""

    def __init__(self, settings: Settings, *, when_open: Callable[[], None] = lambda: None) -> None:
        """`when_open` is called each time all services are open, before the first request."""
        self._settings, self._when_open = settings, when_open
        self._services: Services
        self._live: Live
        self._trusted = read_trusted(settings.trusted_documents)
        schema = graphql_schema(build_schema())
        self._scopes = ScopeGuard(schema, needed_scopes(schema))
        self._origins = settings.allowed_origins + (() if settings.is_prod else LOOPBACK)
        self.sdl = print_sdl()

    def asgi(self) -> ASGIApp:
        graphql, inside = self._graphql(), self._inside_routes()
        site = Site(
            graphiql=not self._settings.is_prod,
            mail=self._settings.is_mail_on,
            demo=None if self._settings.is_prod else (demo.HANDLE, demo.PASSWORD),
            read=graphql.read_signed_out,
        )
        operations = self._operations_port(inside)
        routes = [*graphql.routes(), *site.routes(), *self._open_routes(), *(inside if operations is None else [])]
        served = Starlette(routes=routes, exception_handlers={404: site.not_found}, lifespan=self._lifespan)
        return ServedApp(
            served,
            direct={"/graphql": graphql},
            grace_seconds=self._settings.grace_seconds,
            trusted_proxies=self._settings.trusted_proxies,
            is_https_alone=self._settings.is_prod,
            operations=operations,
        )

    def _graphql(self) -> RookeryGraphQL:
        return RookeryGraphQL(
            schema=build_schema(),
            get_context=lambda connection, payload: client_of(
                self._services, self._live, self._scopes, connection, payload
            ),
            documents=PersistedDocuments(
                lambda: self._services.stores.limits.persisted_documents,
                self._trusted,
                is_exclusive=self._trusted is not None and self._settings.is_prod,
            ),
            allowed_origins=self._origins,
            graphiql=not self._settings.is_prod,
            introspection=not self._settings.is_prod,
            suggestions=not self._settings.is_prod,
            engine=self._settings.engine is Switch.ON,
            limits=DEFAULT_LIMITS if self._settings.rate_limit is Switch.ON else _FOR_LOAD_TESTS,
            work=WORK,
        )

    def _inside_routes(self) -> list[Route]:
        """Routes for operators alone, if a port of their own is set."""
        ready = ready_route(
            lambda: answering_stores(self._services.stores), lambda: has_steady_clock(self._services.stores)
        )
        return [ready, metrics_route()]

    def _open_routes(self) -> list[Route]:
        return [
            alive_route(),
            *media_routes(lambda: self._services, self._origins),
            *([] if self._settings.is_prod else [Route("/schema.graphql", self._show_sdl)]),
            *(caught_mail_routes(self._caught_mails) if self._settings.catches_mail else []),
        ]

    def _operations_port(self, routes: list[Route]) -> OperationsPort | None:
        if self._settings.operations_port is None:
            return None
        app = Starlette(routes=[alive_route(), *routes])
        is_shared = shared_folder() is not None
        return OperationsPort(app, self._settings.operations_host, self._settings.operations_port, is_shared=is_shared)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        set_up_logs(as_json=self._settings.is_prod)
        try:
            with tracing("rookery-api"):
                async with self._opened():
                    yield
        except UnfitFormError as error:
            raise StartError(str(error)) from error
        finally:
            forget_process()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        async with (
            open_stores(self._settings) as stores,
            open_services(stores, self._settings) as self._services,
            wire_live(self._services, self._settings.redis_url) as self._live,
        ):
            if not self._settings.is_mail_on:
                structlog.get_logger().warning(MAIL_IS_OFF)
            await _wait_for_stores(stores, self._settings)
            async with on_fit_form(stores.mongo, lambda: signal.raise_signal(signal.SIGTERM)):
                self._when_open()
                yield

    async def _caught_mails(self, limit: int) -> list[CaughtMail]:
        return await self._services.stores.jobs.caught_mails.newest(limit)

    async def _show_sdl(self, _: Request) -> Response:
        return PlainTextResponse(self.sdl)


def _keep_memory_level() -> None:
    tune_gc()
    GrowthCollector().start()


async def _wait_for_stores(stores: Stores, settings: Settings) -> None:
    """Warns of stores that don't answer. In prod raises StartError if they still don't after STORES_SECONDS."""
    deadline = asyncio.get_running_loop().time() + STORES_SECONDS
    while lines := await unreachable(stores, settings):
        for line in lines:
            structlog.get_logger().warning(line)
        if not settings.is_prod:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise StartError("; ".join(lines))
        await asyncio.sleep(1.0)


app = Rookery(load_settings(), when_open=_keep_memory_level).asgi()

if __name__ == "__main__":
    sys.exit(run_everything())
