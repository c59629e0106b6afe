"""What a sharded MongoDB is told, and which shards the stores' questions touch, by the shape of each."""

from collections.abc import Mapping
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from datastore.__main__ import main
from datastore.indexes import INDEXES
from datastore.sharding import ASKING_ALL, HOT, ON_ONE_SHARD, SHARD_KEYS, NoRouterError, carries_key, shard_all, spread
from datastore.stores import Stores
from tests.datastore.opened import follow, new_tweet, new_users
from tests.datastore.test_indexes import asks_of, profile


class RecordingAdmin:
    """Takes the commands of a mongos, and refuses as one does what it is told to."""

    def __init__(self, refused: str = "") -> None:
        self.commands: list[tuple[str, Any, Mapping[str, Any]]] = []
        self._refused = refused

    async def command(self, command: str, value: Any = 1, **more: Any) -> Any:
        self.commands.append((command, value, more))
        if value == self._refused:
            raise OperationFailure("a unique index does not begin with the shard key")
        return {"ok": 1}


async def test_every_collection_is_sharded_by_its_key_or_said_to_be_on_one_shard() -> None:
    admin = RecordingAdmin()

    done = await shard_all(admin, "rookery")

    assert admin.commands[0] == ("enableSharding", "rookery", {})
    assert admin.commands[1:] == [
        ("shardCollection", f"rookery.{name}", {"key": dict(key)}) for name, (key, _) in SHARD_KEYS.items()
    ]
    assert len(done) == len(SHARD_KEYS) + len(ON_ONE_SHARD)
    assert set(INDEXES) <= set(SHARD_KEYS) | set(ON_ONE_SHARD)


async def test_what_mongos_refuses_ends_it() -> None:
    admin = RecordingAdmin(refused="rookery.likes")

    with pytest.raises(OperationFailure, match="unique index"):
        await shard_all(admin, "rookery")

    assert admin.commands[-1][1] == "rookery.likes"


def test_every_unique_index_begins_with_the_shard_key() -> None:
    """So that MongoDB can still keep it unique."""
    for name, (key, _) in SHARD_KEYS.items():
        for index in INDEXES.get(name, []):
            if index.document.get("unique"):
                fields = list(index.document["key"].items())
                assert fields[: len(key)] == list(key), (name, index.document["name"])


def test_every_shard_key_has_an_index_that_begins_with_it() -> None:
    for name, (key, _) in SHARD_KEYS.items():
        if key[0][0] != "_id":
            begun = [list(index.document["key"].items())[: len(key)] for index in INDEXES[name]]
            same = [[field for field, _ in fields] for fields in begun]
            assert [field for field, _ in key] in same, name


async def test_a_server_that_is_no_mongos_is_refused_before_anything_is_changed(opened: Stores) -> None:
    with pytest.raises(NoRouterError, match="names a member of the replica set rs0"):
        await spread(opened.mongo)


def test_the_command_says_what_the_url_names(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROOKERY_MONGO_URL", mongo_url)

    assert main(["shard"]) == 2

    assert "must name a mongos" in capsys.readouterr().err


async def test_questions_carry_the_shard_key_of_their_collection_but_for_those_listed(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    await follow(opened, alice, bob)

    profiled = await profile(opened, asks_of(opened, alice, bob, tweet))

    shapes = {shape for row in profiled for shape in shapes_of(row)}
    assert {(name, fields) for name, fields, carries in shapes if not carries} == set(ASKING_ALL)
    assert {(*hot, True) for hot in HOT} <= shapes


def shapes_of(row: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Collection, fields named, and whether the shard key is among them, of each question in a profiled operation."""
    name, command = row["ns"].partition(".")[2], row.get("command", {})
    if name not in SHARD_KEYS:
        return []
    match row["op"]:
        case "query":
            filters = [command.get("filter", {})]
        case "command" if "aggregate" in command:
            filters = [command["pipeline"][0].get("$match", {})]
        case "update" | "remove":
            filters = [command.get("q", {})]
        case _:
            return []
    return [(name, " ".join(sorted(query)), carries_key(name, query)) for query in filters]
