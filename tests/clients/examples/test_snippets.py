"""The snippets of README and docs, as they stand there, on a server with the demo data."""

import asyncio
import json
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path
from time import monotonic_ns
from typing import Any

import pytest
import pytest_asyncio

from resolvers.demo import demo
from resolvers.services import open_services
from tests.support.people import Person, Socket, connected, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_DATABASE = True
ROOT = Path(__file__).resolve().parents[3]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
DEBUGGING = ROOT / "docs" / "debugging.md"
# Other tests run these: test_live_page.py, test_examples.py, test_typescript.py, tests/house and tests/web.
RUN_ELSEWHERE = {("docs/live.md", "js"), ("docs/live.md", "python"), ("docs/page.md", "html")}
DIFFS = ("docs/adding-a-feature.md", "diff")
RUN_SECONDS = 20
LOGIN = """mutation($login: String!, $password: String!) {
  login(input: {login: $login, password: $password}) { viewer { user { id } } tokens { accessToken refreshToken } } }"""
LIKE = "mutation($id: ID!) { like(tweetId: $id) { userErrors { message } } }"
UNLIKE = LIKE.replace("like", "unlike")


def fences(page: Path) -> list[tuple[str, str]]:
    """(language, text) of each."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def documents(page: Path) -> list[str]:
    return [text for language, text in fences(page) if language == "graphql"]


def commands(page: Path, mark: str) -> str:
    (found,) = [text for language, text in fences(page) if language == "" and mark in text]
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(shared_service: Service) -> Person:
    """The demo account with the demo data."""
    async with open_services(shared_service.stores, shared_service.settings) as services:
        await demo.load(services)
    await shared_service.settle()
    answer = await shared_service.ask(LOGIN, {"login": demo.HANDLE, "password": demo.PASSWORD})
    tokens, user = answer["data"]["login"]["tokens"], answer["data"]["login"]["viewer"]["user"]
    return Person(shared_service, user["id"], demo.HANDLE, tokens["accessToken"], tokens["refreshToken"])


async def test_first_steps_of_the_readme(shared_service: Service, owner: Person) -> None:
    login, first_query, subscription, post = documents(README)
    payload = (await shared_service.ask(login))["data"]["login"]
    assert payload["userErrors"] == []
    page = (await shared_service.ask(first_query, token=payload["tokens"]["accessToken"]))["data"]["homeTimeline"]
    assert len(page["edges"]) == 5
    assert list(empty_objects(page)) == []
    async with connected(shared_service, payload["tokens"]["accessToken"]) as socket:
        await socket.subscribe(subscription, after=page["headCursor"])
        assert (await owner.ask(post))["postTweet"]["userErrors"] == []
        event = await socket.event()
    assert event["edge"]["node"]["text"] == "Hello, rooks! #first"
    assert event["cursor"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="Skipped, for curl is not there: the command of the README")
async def test_command_of_the_readme_shows_tweets(shared_service: Service, owner: Person) -> None:
    answer = json.loads(await said(commands(README, "curl -s"), shared_service))
    edges = answer["data"]["user"]["tweets"]["edges"]
    assert (len(edges), list(empty_objects(answer))) == (3, [])


async def test_each_document_of_the_pages_is_answered(shared_service: Service, owner: Person) -> None:
    bob = await sign_up(shared_service, "bob")
    tweet = await owner.post("rooks come home")
    variables = {"after": None, "id": tweet, "ids": [tweet]}
    seen = 0
    for page in PAGES[1:]:
        for document in documents(page):
            names = set(re.findall(r"\$(\w+):", document))
            used = {name: value for name, value in variables.items() if name in names}
            if "subscription" in document:
                async with connected(shared_service, owner.token) as socket:
                    await socket.subscribe(document, **used)
                    await first_event(socket, bob, tweet)
            else:
                answer = await shared_service.ask(document, used, owner.token)
                assert (document, answer.get("errors")) == (document, None)
            seen += 1
    assert seen > 5


async def first_event(socket: Socket, bob: Person, tweet: str) -> None:
    """Waits for it while another user does what notifications, searches and counts tell of.

    Acts are repeated, for the first ones may precede the subscription's beginning, which no message tells.
    """
    event = asyncio.create_task(socket.event())
    while not event.done():
        # An equal text soon after another one is refused.
        await bob.post(f"more rooks, @{demo.HANDLE}: {monotonic_ns()}")
        for act in (LIKE, UNLIKE):
            await bob.act(act, id=tweet)
        await asyncio.wait([event], timeout=1.0)
    await event


@pytest.mark.skipif(shutil.which("curl") is None, reason="Skipped, for curl is not there: commands of debugging.md")
async def test_commands_of_the_debugging_page(shared_service: Service, owner: Person) -> None:
    printed = await said(commands(DEBUGGING, "TOKEN="), shared_service)
    assert "HTTP/1.1 200 OK" in printed
    page = json.loads(printed.splitlines()[-1])["data"]["homeTimeline"]
    assert (len(page["edges"]), list(empty_objects(page))) == (3, [])
    assert "demo" in await said(commands(DEBUGGING, "import os, pymongo, redis"), shared_service)
    assert re.match(r"Tweet \d+ 20\d\d-", await said(commands(DEBUGGING, "urlsafe_b64decode"), shared_service))


async def test_command_that_sorts_operations_of_a_log(shared_service: Service, tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    line = "10:00:0{0} info operation operation=Op{0} kind=query document=0 cost=1 ms={1} answers=1 request_id=a{0}\n"
    log.write_text("".join(line.format(number, ms) for number, ms in enumerate(("9.5", "120.1", "30.25"))))
    command = re.sub(r"\S+/api\.log", str(log), commands(DEBUGGING, "sort -rn"))
    printed = await said(command, shared_service)
    assert printed.splitlines() == ["120.1 Op1 a1", "30.25 Op2 a2", "9.5 Op0 a0"]


async def test_no_language_is_left_out() -> None:
    languages = {(page.relative_to(ROOT).as_posix(), language) for page in PAGES for language, _ in fences(page)}
    assert {(page, language) for page, language in languages if language not in ("", "graphql")} <= {
        *RUN_ELSEWHERE,
        DIFFS,
    }


def empty_objects(value: Any) -> Iterator[object]:
    if value == {}:
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from empty_objects(part)


async def said(command: str, service: Service) -> str:
    """Standard output of a command of a page, with this server and its stores in the place of those that it names."""
    settings = {"ROOKERY_MONGO_URL": service.settings.mongo_url, "ROOKERY_REDIS_URL": service.settings.redis_url}
    text = command.replace("http://127.0.0.1:8000", service.url).replace(".venv/bin/python", sys.executable)
    environment = {**os.environ, **{name: str(value) for name, value in settings.items()}}
    process = await asyncio.create_subprocess_exec("sh", "-c", text, cwd=ROOT, env=environment, stdout=PIPE)
    async with asyncio.timeout(RUN_SECONDS):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()
