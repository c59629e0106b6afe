"""The static pages: whole, compressed, under a strict policy, and asking nobody else."""

import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from graphql import GraphQLSchema, build_schema, get_operation_ast, parse, validate
from starlette.applications import Starlette

from schema.transport import site
from schema.transport.guard import check_document
from schema.transport.limits import DEFAULT_LIMITS
from schema.transport.site import GRAPHIQL_FILES, WEB, pages

GRAPHIQL = WEB / "graphiql"
EXAMPLES = sorted((GRAPHIQL / "source" / "examples").glob("*.graphql"))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=pages()))
    async with httpx.AsyncClient(transport=transport, base_url="http://rookery.test") as client:
        yield client


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    return build_schema(Path(site.__file__).parents[1].joinpath("contract.graphql").read_text())


def test_the_bundle_is_what_its_checksums_say() -> None:
    lines = (GRAPHIQL / "checksums.txt").read_text().splitlines()
    expected = {name: checksum for checksum, name in (line.split("  ") for line in lines)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in GRAPHIQL.glob("*.gz")}
    assert found == expected
    assert {f"{name}.gz" for name in GRAPHIQL_FILES} == set(found)


def test_the_bundle_is_small_and_its_licences_are_listed() -> None:
    assert sum(path.stat().st_size for path in GRAPHIQL.glob("*.gz")) < 3_000_000
    licences = (GRAPHIQL / "LICENSES.md").read_text()
    for package in ("graphiql 5.4.0", "monaco-editor 0.52.2", "react 19.3.1", "graphql-ws 6.4.2"):
        assert f"| {package} | MIT |" in licences


@pytest.mark.parametrize("path", [WEB / "index.html", WEB / "start.css", WEB / "icon.svg", GRAPHIQL / "index.html"])
def test_no_page_names_another_host(path: Path) -> None:
    addresses = set(re.findall(r"(?:https?:)?//[\w.:-]+", path.read_text()))
    assert addresses <= {"http://www.w3.org", "http://127.0.0.1:8000"}


@pytest.mark.parametrize("folder", [GRAPHIQL / "source", WEB.parent / "tests" / "clients"], ids=["web", "tests"])
def test_no_lock_names_a_registry(folder: Path) -> None:
    lock = (folder / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_and_within_the_limits(contract: GraphQLSchema, path: Path) -> None:
    document = parse(path.read_text())
    operation = get_operation_ast(document)
    assert operation is not None
    assert validate(contract, document) == []
    assert check_document(document, operation, schema=contract, variables={}, limits=DEFAULT_LIMITS) <= 1000


def test_the_examples_are_in_the_bundle() -> None:
    bundle = gzip.decompress((GRAPHIQL / "graphiql.js.gz").read_bytes()).decode()
    assert len(EXAMPLES) == 4
    for path in EXAMPLES:
        assert path.read_text() in bundle


async def test_the_start_page_says_where_everything_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for link in ("/graphql", "/schema.graphql", "/healthz", "/readyz"):
        assert f'href="{link}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")


@pytest.mark.parametrize("path", ["/", "/start.css", "/icon.svg", "/graphiql/graphiql.js", "/graphiql/codicon.ttf"])
async def test_every_file_forbids_sniffing_and_framing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_what_pages_load_is_served(client: httpx.AsyncClient) -> None:
    for page in (WEB / "index.html", GRAPHIQL / "index.html"):
        for path in re.findall(r'(?:src|href)="(/[\w./]+\.\w+)"', page.read_text()):
            if path != "/schema.graphql":
                assert (await client.get(path)).status_code == 200


async def test_compressed_files_are_sent_compressed_to_whoever_takes_it(client: httpx.AsyncClient) -> None:
    packed = await client.get("/graphiql/graphiql.css", headers={"accept-encoding": "gzip"})
    plain = await client.get("/graphiql/graphiql.css", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content
    assert packed.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_browser_that_has_a_file_is_not_sent_it_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/graphiql/json.worker.js")
    again = await client.get("/graphiql/json.worker.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


async def test_graphiql_can_be_left_out() -> None:
    transport = httpx.ASGITransport(Starlette(routes=pages(graphiql=False)))
    async with httpx.AsyncClient(transport=transport, base_url="http://rookery.test") as client:
        assert (await client.get("/graphiql/graphiql.js")).status_code == 404
        assert (await client.get("/")).status_code == 200
