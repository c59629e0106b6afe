"""The commands: their output, their exit status, and their effects."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from pymongo import MongoClient
from redis import Redis

from core.auth.tokens import AccessTokens
from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, UserId
from core.settings import signing_keys
from datastore.__main__ import main
from datastore.admin.indexes import INDEXES
from datastore.redis import keys
from tests.datastore.admin.importer.imports import Dump, Ended, dump, files_of, line, run
from tests.support.people import HOME, POST
from tests.support.scenarios.real_data import GRAPH, TWEETS, needs_real_data
from tests.support.service import Service, running_service, settings_for

LOGIN = """mutation Login($login: String!, $password: String!) { login(input: {login: $login, password: $password}) {
  tokens { accessToken } userErrors { code } } }"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Runs commands in this process as `python -m datastore` does, on the test's own database."""

    mongo_url: str
    redis_url: str
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Ended:
        """The exit status of the process, 1 for SystemExit with a text."""
        self.capture.readouterr()
        try:
            return Ended(main(words), *self.capture.readouterr())
        except SystemExit as ended:
            output, errors = self.capture.readouterr()
            return Ended(1, output, f"{errors}{ended.code}\n")

    def dump(self) -> Dump:
        return asyncio.run(dump(self.mongo_url))


@pytest.fixture
def stage(
    mongo_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Stage]:
    monkeypatch.setenv("ROOKERY_MONGO_URL", mongo_url)
    monkeypatch.setenv("ROOKERY_REDIS_URL", redis_url)
    yield Stage(mongo_url, redis_url, capsys)
    structlog.reset_defaults()


def test_import_reports_bad_lines_by_number_and_skips_them(stage: Stage, tmp_path: Path) -> None:
    files = files_of(tmp_path, [line(0, "alice", "one"), "nonsense", line(5, "bob", "two")], ["0 1", "1 x"])
    ended = stage.run("import", *files.arguments)
    assert ended.status == 1
    assert f"{files.tweets}, line 2: it has 1 columns, not 6\n" in ended.errors
    assert f"{files.graph}, line 2: it is not two numbers: `follower followee`\n" in ended.errors
    assert ended.errors.endswith("2 lines skipped\n")
    found = stage.dump()
    assert [tweet["text"] for tweet in found["tweets"]] == ["one", "two"]
    assert len(found["follows"]) == 1


def test_import_shows_how_far_it_is_and_prints_its_rates(stage: Stage, tmp_path: Path) -> None:
    files = files_of(tmp_path, [line(0, "alice", "one"), line(5, "bob", "two")], ["0 1"])
    ended = stage.run("import", *files.arguments, "--undirected")
    assert ended.status == 0
    phases = ("people", "tweets", "follows", "counts", "timelines")
    for phase in phases:
        assert re.search(rf"{phase}: 100%.* 2/2 ", ended.errors)
    printed = ended.output.splitlines()
    assert [words.split()[:2] for words in printed] == [[phase, "2"] for phase in phases]
    assert all(words.endswith(" a second") for words in printed)


def test_limit_takes_the_first_lines_and_their_authors_are_the_first_nodes(stage: Stage, tmp_path: Path) -> None:
    files = files_of(tmp_path, [line(second, f"p{second}", "hello") for second in range(5)], ["0 1", "2 0"])
    assert stage.run("import", *files.arguments, "--limit", "2").status == 0
    found = stage.dump()
    handles = {user["_id"]: user["handle"] for user in found["users"]}
    assert sorted(handles.values()) == ["p0", "p1", "user_2"]
    assert len(found["tweets"]) == 2
    follows = {(handles[follow["follower"]], handles[follow["followee"]]) for follow in found["follows"]}
    assert follows == {("p0", "p1"), ("user_2", "p0")}


def test_import_makes_the_indexes(stage: Stage, tmp_path: Path) -> None:
    assert stage.run("import", *files_of(tmp_path, []).arguments).status == 0
    assert index_counts(stage.mongo_url) == WANTED


def test_indexes_may_be_made_twice_and_need_no_redis(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROOKERY_REDIS_URL")
    assert [stage.run("indexes") for _ in range(2)] == [Ended(0, "", "")] * 2
    assert index_counts(stage.mongo_url) == WANTED


def test_rebuild_makes_every_list_or_that_of_one(stage: Stage, tmp_path: Path) -> None:
    stage.run("import", *files_of(tmp_path, [line(0, "alice", "one"), line(5, "bob", "two")], ["0 1"]).arguments)
    found = stage.dump()
    alice, bob = (user["_id"] for user in found["users"])
    one, two = (tweet["_id"] for tweet in found["tweets"])
    with Redis.from_url(stage.redis_url, decode_responses=True) as redis:
        redis.flushdb()
        assert stage.run("rebuild", "--user", "Alice").status == 0
        assert redis.lrange(keys.home(alice), 0, -1) == [str(two), str(one), "0"]
        assert redis.exists(keys.home(bob)) == 0

        redis.lpush(keys.home(alice), "-1", "what somebody who died had begun")
        redis.set(keys.rebuild_token(alice), "their token")
        assert stage.run("rebuild").status == 0
        assert redis.lrange(keys.home(alice), 0, -1) == [str(two), str(one), "0"]
        assert redis.lrange(keys.home(bob), 0, -1) == [str(two), "0"]


def test_rebuild_of_nobody_says_so(stage: Stage) -> None:
    assert stage.run("rebuild", "--user", "alice") == Ended(2, "", "Nobody has the handle 'alice'.\n")


IMPORT = ("import", "--graph", "g", "--tweets", "t")


@pytest.mark.parametrize("words", [("rebuild",), IMPORT])
def test_command_without_urls_says_what_to_set(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("ROOKERY_MONGO_URL")
    ended = stage.run(*words)
    assert (ended.status, ended.output, ended.errors.count("\n")) == (1, "", 1)
    assert "ROOKERY_MONGO_URL and ROOKERY_REDIS_URL" in ended.errors


def test_indexes_without_url_says_what_to_set(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROOKERY_MONGO_URL")
    ended = stage.run("indexes")
    assert (ended.status, ended.output, ended.errors.count("\n")) == (1, "", 1)
    assert ended.errors.startswith("ROOKERY_MONGO_URL is needed here, ")


@pytest.mark.parametrize("words", [("indexes",), ("rebuild",), IMPORT])
async def test_command_without_a_database_that_answers_says_so_and_fails(
    redis_url: str, words: tuple[str, ...]
) -> None:
    """Runs in its own process, because PyMongo leaves sockets open when it is interrupted while connecting."""
    ended = await run("mongodb://127.0.0.1:1/rookery", redis_url, *words)
    assert ended == Ended(2, "", "ROOKERY_MONGO_URL: no answer from 127.0.0.1:1\n")


def test_import_without_redis_stores_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROOKERY_REDIS_URL", "redis://127.0.0.1:1")
    ended = stage.run("import", *files_of(tmp_path, [line(0, "alice", "one")]).arguments)
    assert ended.status == 2
    assert ended.errors.endswith("ROOKERY_REDIS_URL: no answer from 127.0.0.1:1\n")
    assert stage.dump() == {"users": [], "tweets": [], "follows": []}


def test_file_that_is_not_there_is_named(stage: Stage, tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    ended = stage.run("import", "--graph", str(files_of(tmp_path, []).graph), "--tweets", str(missing))
    assert ended.status == 2
    assert ended.errors.endswith(f"No such file or directory: '{missing}'\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--limit", "-1"), "argument --limit: '-1' is no number of lines"),
        (("--limit", "ten"), "argument --limit: 'ten' is no number of lines"),
        (("--password", "short"), "argument --password: A password has 8 characters at least."),
        (("--password", "x" * 129), "argument --password: It has 128 characters at most."),
    ],
)
def test_bad_argument_is_refused(capsys: pytest.CaptureFixture[str], words: tuple[str, str], complaint: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["import", "--graph", "g", "--tweets", "t", "=".join(words)])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


@needs_real_data
@pytest.mark.long
async def test_real_data_is_imported_and_a_post_reaches_every_follower(mongo_url: str, redis_url: str) -> None:
    words = ("import", "--graph", str(GRAPH), "--undirected", "--tweets", str(TWEETS), "--password", "correct horse")
    ended = await run(mongo_url, redis_url, *words)
    assert ended.status == 0, ended.errors
    found = await dump(mongo_url)
    in_graph = {follow[side] for follow in found["follows"] for side in ("follower", "followee")}
    assert [len(in_graph), len(found["follows"]), len(found["tweets"])] == [962, 37_624, 10_001]
    assert sum(user["counts"]["tweets"] for user in found["users"]) == 10_001
    assert (await run(mongo_url, redis_url, *words)).status == 0
    assert await dump(mongo_url) == found

    star = max(found["users"], key=lambda user: int(user["counts"]["followers"]))
    assert star["counts"]["followers"] == 313
    fans = [UserId(follow["follower"]) for follow in found["follows"] if follow["followee"] == star["_id"]]
    async with running_service(settings_for(mongo_url, redis_url)) as service:
        token = await signed_in(service, star["handle"], "correct horse")
        posted = await service.ask(POST, {"input": {"text": "hello, all of you"}}, token)
        tweet_id = posted["data"]["postTweet"]["tweet"]["id"]
        await service.settle()
        for fan in fans:
            home = (await service.ask(HOME, {"first": 2}, await token_of(service, fan)))["data"]["homeTimeline"]
            assert home["state"] == "READY"
            assert home["edges"][0]["node"] == {"id": tweet_id, "text": "hello, all of you"}


async def signed_in(service: Service, handle: str, password: str) -> str:
    answer = await service.ask(LOGIN, {"login": handle, "password": password})
    assert answer["data"]["login"]["userErrors"] == []
    token: str = answer["data"]["login"]["tokens"]["accessToken"]
    return token


async def token_of(service: Service, user_id: UserId) -> str:
    """Like `signed_in`, without hashing a password."""
    session_id = SessionId(service.stores.ids())
    await service.stores.users.sessions.insert(session_id, user_id, UNKNOWN_DEVICE)
    return AccessTokens(signing_keys(service.settings)).issue(user_id, session_id)[0]


# Each collection also has an index on _id.
WANTED = {name: len(indexes) + 1 for name, indexes in INDEXES.items()}


def index_counts(mongo_url: str) -> dict[str, int]:
    with MongoClient[dict[str, Any]](mongo_url, serverSelectionTimeoutMS=10_000) as client:
        database = client.get_default_database()
        return {name: len(database[name].index_information()) for name in INDEXES}
