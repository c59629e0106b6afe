"""Static pages: complete, compressed, under a strict policy, without requests to other hosts."""

import gzip
import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from posixpath import dirname, join, normpath

import httpx
import pytest
from graphql import GraphQLSchema, build_schema, get_operation_ast, parse, validate
from starlette.applications import Starlette

from transport.http import site
from transport.http.site import FILES_MARK, GRAPHIQL_FILES, HEAD_MARK, WEB, Site
from transport.limits.cost import check_document
from transport.limits.limits import DEFAULT_LIMITS

GRAPHIQL = WEB / "graphiql"
KNOWN_ADDRESSES = {"http://www.w3.org", "https://rookery.example"}
OWN = sorted(
    path
    for kind in ("html", "js", "css", "svg")
    for path in WEB.rglob(f"*.{kind}")
    if not {"graphiql", "vendor"} & set(path.parts)
)
EXAMPLES = sorted((GRAPHIQL / "source" / "examples").glob("*.graphql"))


def client_of(site: Site) -> httpx.AsyncClient:
    app = Starlette(routes=site.routes(), exception_handlers={404: site.not_found})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rookery.test")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(Site()) as client:
        yield client


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    return build_schema(Path(site.__file__).parents[2].joinpath("schema", "contract.graphql").read_text())


def test_the_bundle_matches_its_checksums() -> None:
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


def test_the_bundle_has_the_named_dompurify_and_not_the_older_one_of_monaco() -> None:
    bundle = gzip.decompress((GRAPHIQL / "graphiql.js.gz").read_bytes()).decode()
    named = json.loads((GRAPHIQL / "source" / "package.json").read_text())["dependencies"]["dompurify"]
    assert re.findall(r'\.version="([\d.]+)",\w+\.removed=\[\]', bundle) == [named]
    assert f"| dompurify {named} |" in (GRAPHIQL / "LICENSES.md").read_text()


@pytest.mark.parametrize("path", [*OWN, GRAPHIQL / "index.html"], ids=lambda path: path.relative_to(WEB).as_posix())
def test_no_page_names_another_host(path: Path) -> None:
    addresses = set(re.findall(r"https?://[\w.-]+\.\w+", path.read_text()))
    assert addresses <= KNOWN_ADDRESSES


def test_vendored_files_match_their_checksums() -> None:
    folder = WEB / "vendor"
    lines = (folder / "checksums.txt").read_text().splitlines()
    expected = {name: checksum for checksum, name in (line.split("  ") for line in lines)}
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")} == expected
    licences = (folder / "LICENSES.md").read_text()
    assert re.findall(r"^## (\S+) [\d.]+$", licences, re.MULTILINE) == ["preact", "htm", "graphql-ws"]


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
    assert check_document(document, operation, schema=contract, variables={}, limits=DEFAULT_LIMITS).points <= 1000


def test_the_examples_are_in_the_bundle() -> None:
    bundle = gzip.decompress((GRAPHIQL / "graphiql.js.gz").read_bytes()).decode()
    assert len(EXAMPLES) == 28
    for path in EXAMPLES:
        assert path.read_text() in bundle


@pytest.mark.parametrize("path", ["/", "/welcome", "/people/demo", "/tweets/abc/likes", "/settings/muted", "/search"])
async def test_every_address_of_the_page_is_the_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<div id="rookery"' in answer.text
    assert HEAD_MARK not in answer.text
    assert FILES_MARK not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    )
    assert "unsafe" not in policy


async def test_an_unknown_address_shows_browsers_the_page_with_404(client: httpx.AsyncClient) -> None:
    opened = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    shell = await client.get("/")
    answer = await client.get("/nonsense", headers={**opened, "if-none-match": shell.headers["etag"]})
    assert (answer.status_code, answer.text) == (404, shell.text)
    assert answer.headers["content-security-policy"] == shell.headers["content-security-policy"]
    slashed = await client.get("/notifications/", headers=opened)
    assert (slashed.status_code, slashed.headers["location"]) == (307, "http://rookery.test/notifications")
    others = [
        await client.get("/nonsense"),
        await client.post("/nonsense", headers=opened),
        *[await client.get(path, headers=opened) for path in ("/graphql/x", "/graphiql/x.js", "/web/x/none.js")],
    ]
    assert [(answer.status_code, answer.text) for answer in others] == [(404, "Not Found")] * 5


async def test_modules_are_cached_for_good_under_the_hash_of_their_content(client: httpx.AsyncClient) -> None:
    shell = (await client.get("/")).text
    addresses = re.findall(r'(?:src|href)="(/web/\w+/[\w./-]+)"', shell)
    assert [address.rpartition("/")[2] for address in addresses] == ["app.css", "app.js"]
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    another = await client.get("/web/0123456789abcdef/app.js")
    assert (another.status_code, another.headers["cache-control"]) == (200, "no-cache")
    for missing in ("/web/0123456789abcdef/none.js", "/web/0123456789abcdef/%2e%2e/app.py"):
        assert (await client.get(missing)).status_code == 404


async def test_every_module_that_is_imported_is_served(client: httpx.AsyncClient) -> None:
    served: dict[str, str] = {}
    due = ["app.js"]
    while due:
        if (name := due.pop()) not in served:
            answer = await client.get(f"/web/x/{name}")
            assert answer.status_code == 200, name
            served[name] = answer.text
            paths = re.findall(r"""(?:import|from)[ (]?['"](\.[^'"]+)['"]""", answer.text)
            due += [normpath(join(dirname(name), path)) for path in paths]
    assert (await client.get("/web/x/api/session.js")).text == (WEB / "api" / "session.js").read_text()
    combined = set(re.findall(r"^\$\['([\w./-]+)'\] = ", served["app.js"], re.MULTILINE))
    names = [path.relative_to(WEB) for path in WEB.rglob("*.js")]
    written = {name.as_posix() for name in names if name.parts[0] not in ("graphiql", "widget", "widget.js", "push.js")}
    assert "parts/tweets/tweet.js" in written
    assert combined.isdisjoint(served)
    assert combined | served.keys() - {"app.js"} == written


async def test_only_development_offers_the_demo_account() -> None:
    for demo, count in (None, 0), (("demo", "secret<"), 1):
        async with client_of(Site(demo=demo)) as client:
            assert (await client.get("/")).text.count('<meta name="demo" content="demo secret&lt;">') == count


async def test_other_sites_may_load_the_widget(client: httpx.AsyncClient) -> None:
    answer = await client.get("/widget.js")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "import " not in re.sub(r"//.*", "", answer.text)


@pytest.mark.parametrize(
    "path", ["/", "/web/x/app.js", "/icon.svg", "/widget", "/graphiql/graphiql.js", "/graphiql/codicon.ttf"]
)
async def test_every_file_forbids_sniffing_and_framing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_what_pages_load_is_served(client: httpx.AsyncClient) -> None:
    for page in (WEB / "index.html", WEB / "widget" / "index.html", GRAPHIQL / "index.html"):
        for path in re.findall(r'(?:src|href)="(/[\w./]+\.\w+)"', page.read_text()):
            if path != "/schema.graphql":
                assert (await client.get(path)).status_code == 200


async def test_files_are_sent_gzipped_to_browsers_that_accept_it(client: httpx.AsyncClient) -> None:
    packed = await client.get("/graphiql/graphiql.css", headers={"accept-encoding": "gzip"})
    plain = await client.get("/graphiql/graphiql.css", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content
    assert packed.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_browser_that_has_a_file_gets_304(client: httpx.AsyncClient) -> None:
    first = await client.get("/graphiql/json.worker.js")
    again = await client.get("/graphiql/json.worker.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


async def test_graphiql_can_be_left_out() -> None:
    async with client_of(Site(graphiql=False)) as client:
        assert (await client.get("/graphiql/graphiql.js")).status_code == 404
        assert (await client.get("/")).status_code == 200
