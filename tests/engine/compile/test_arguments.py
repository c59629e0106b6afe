"""Arguments: literals, variables, defaults and invalid values, each compared with graphql-core."""

from typing import Any

import pytest

from engine import Engine
from tests.engine.comparing import both, run
from tests.engine.garden import garden
from tests.engine.worlds import sync_world


async def wished(arguments: str, declared: str = "", variables: dict[str, Any] | None = None) -> Any:
    answer = await run(sync_world(), f"query Q{declared} {{ strict(seed: 9) {{ wished{arguments} }} }}", variables)
    return answer["data"][0][1][0][1] if answer["data"] else answer["errors"]


@pytest.mark.parametrize(
    ("arguments", "declared", "variables", "shown"),
    [
        ("", "", {}, "None None []"),
        ("(colours: [RED, BLUE])", "", {}, "None [<Colour.RED: 'r'>, <Colour.BLUE: 'b'>] []"),
        ("(colours: $c)", "($c: [Colour!])", {"c": ["RED"]}, "None [<Colour.RED: 'r'>] ['c']"),
        ("(colours: $c)", "($c: [Colour!] = BLUE)", {}, "None [<Colour.BLUE: 'b'>] ['c']"),
        ("(colours: $c)", "($c: [Colour!])", {}, "None None []"),
        ("(colours: [$c])", "($c: Colour!)", {"c": "BLUE"}, "None [<Colour.BLUE: 'b'>] ['c']"),
        ("(colours: null)", "", {}, "None None []"),
    ],
)
async def test_arguments_reach_the_resolver(
    arguments: str, declared: str, variables: dict[str, Any], shown: str
) -> None:
    assert await wished(arguments, declared, variables) == shown


async def test_input_objects_are_instances_with_their_defaults() -> None:
    shown = await wished("(wish: {words: $w, inner: {words: []}})", "($w: [String!]!)", {"w": ["one"]})
    assert shown.startswith("Wish(words=['one'], colour=<Colour.RED: 'r'>, size=None, inner=Wish(words=[],")


async def test_a_variable_missing_inside_a_list_of_non_nulls_is_an_error_of_the_field() -> None:
    schema = sync_world()
    text = "query Q($c: Colour) { strict(seed: 9) { wished(colours: [$c]) } }"
    answers = await both(Engine(schema), schema, text, {})
    assert answers.engine is not None
    assert answers.engine.formatted == answers.core.formatted
    assert answers.engine.errors


async def test_each_object_gets_a_list_of_its_own() -> None:
    answer = await run(garden(), '{ flowers { planted(soil: {kind: "clay", layers: [1, 2]}) } }', context={})
    assert [name for name, _ in answer["data"]] == ["flowers"]


async def test_info_knows_the_path_of_each_object() -> None:
    answer = await run(sync_world(), "{ a: either(seed: 2) { ... on Other { path also: path } } }")
    assert answer["data"] == [("a", [("path", ["a", "path"]), ("also", ["a", "also"])])]
