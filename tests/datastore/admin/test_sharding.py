"""Commands to a sharded MongoDB, and the shards that each query of the stores touches, by its shape."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from inspect import isfunction, signature
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pymongo.errors import OperationFailure

from datastore.__main__ import main
from datastore.admin.indexes import INDEXES
from datastore.admin.sharding import ON_ONE_SHARD, SHARD_KEYS, NoRouterError, shard_all, shard_collections
from datastore.stores import Stores
from tests.datastore.admin.test_indexes import profile
from tests.datastore.shard_queries import BROADCAST, HOT, TARGETED, carries_key
from tests.datastore.store_calls import calls_of, set_up

LOOKING_WHETHER_THERE_IS_ANYTHING = {"UserStore.is_empty", "CountStore.is_empty"}
DOCS = Path(__file__).parents[3] / "docs" / "scale.md"


class RecordingAdmin:
    """Records commands to a mongos; those named in `refused` fail."""

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


async def test_a_refusal_by_mongos_ends_the_command() -> None:
    admin = RecordingAdmin(refused="rookery.likes")

    with pytest.raises(OperationFailure, match="unique index"):
        await shard_all(admin, "rookery")

    assert admin.commands[-1][1] == "rookery.likes"


def test_every_unique_index_begins_with_the_shard_key() -> None:
    """MongoDB keeps an index unique only where the shard key is its prefix."""
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
        await shard_collections(opened.mongo)


def test_the_command_says_what_the_url_names(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROOKERY_MONGO_URL", mongo_url)

    assert main(["shard"]) == 2

    assert "must name a mongos" in capsys.readouterr().err


async def test_every_question_touches_the_shards_that_it_is_said_to(opened: Stores) -> None:
    scene = await set_up(opened)

    profiled = await profile(opened, calls_of(scene))

    shapes = {shape for row in profiled for shape in shapes_of(row)}
    assert {(shape.collection, shape.fields) for shape in shapes if not shape.carries_key} == set(BROADCAST)
    carrying = {(shape.collection, shape.fields) for shape in shapes if shape.carries_key}
    assert carrying == {(name, fields) for name, all_fields in TARGETED.items() for fields in all_fields}
    assert set(HOT) <= carrying


async def test_all_that_the_stores_can_do_is_asked(opened: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every public method of the stores is among the calls above."""
    called: set[str] = set()
    methods = list(methods_of(opened))
    for owner, method in methods:
        monkeypatch.setattr(owner, method.__name__, noting(method, called))

    for ask in calls_of(await set_up(opened)):
        await ask()

    assert {method.__qualname__ for _, method in methods} - called == LOOKING_WHETHER_THERE_IS_ANYTHING


def methods_of(stores: Stores) -> Iterator[tuple[type, Callable[..., Any]]]:
    """Public methods of all stores that use MongoDB, with their class."""
    rooms = [getattr(stores, field.name) for field in fields(Stores)]
    classes = {type(getattr(room, field.name)) for room in rooms if is_dataclass(room) for field in fields(room)}
    knowing = [one for one in classes if "mongo" in signature(one).parameters]
    for owner in {owner for one in knowing for owner in one.__mro__ if owner is not object}:
        yield from [(owner, method) for name, method in vars(owner).items() if isfunction(method) and name[0] != "_"]


def noting(method: Callable[..., Any], called: set[str]) -> Callable[..., Any]:
    def noted(*args: Any, **options: Any) -> Any:
        called.add(method.__qualname__)
        return method(*args, **options)

    return noted


def test_the_docs_list_every_question() -> None:
    listed = DOCS.read_text().splitlines()
    unlisted = [row for row in map(row_of, SHARD_KEYS) if row not in listed]
    assert unlisted == []


def row_of(collection: str) -> str:
    """The row of the table in the docs."""
    everywhere = [fields for name, fields in BROADCAST if name == collection]
    cells = ["; ".join(fields.replace(" ", " + ") for fields in some) for some in (TARGETED[collection], everywhere)]
    return f"| {collection} | {cells[0]} | {cells[1]} |"


class Shape(NamedTuple):
    """A query: its collection, the fields that it names, and whether the shard key is among them."""

    collection: str
    fields: str
    carries_key: bool


def shapes_of(row: Mapping[str, Any]) -> set[Shape]:
    """Shapes of all queries of a profiled operation to sharded collections."""
    name, command = row["ns"].partition(".")[2], row.get("command", {})
    asked: Iterable[tuple[str, Mapping[str, Any]]]
    if "pipeline" in command:
        asked = asked_by(name, command["pipeline"])
    else:
        asked = [(name, command[word]) for word in ("filter", "query", "q") if word in command]
    return {
        Shape(name, " ".join(sorted(query)), carries_key(name, query)) for name, query in asked if name in SHARD_KEYS
    }


def asked_by(collection: str, pipeline: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Queries of a pipeline, of its $unionWith pipelines, and of its $lookup stages."""
    first, *others = pipeline
    yield collection, first.get("$match", {})
    for stage in others:
        if union := stage.get("$unionWith"):
            yield from asked_by(union["coll"], union["pipeline"])
        if lookup := stage.get("$lookup"):
            yield lookup["from"], {lookup["foreignField"]: {"$in": []}}
