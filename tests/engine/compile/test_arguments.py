"""Arguments: literals, variables, defaults and invalid values, each compared with graphql-core."""

from itertools import product
from typing import Annotated, Any

import pytest
import strawberry

from engine import Engine
from tests.engine.comparing import both, run
from tests.engine.garden import garden
from tests.engine.worlds import Colour, Wish, sync_world


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


@strawberry.type
class Speaker:
    @strawberry.field
    def said(
        self,
        count: int,
        word: Annotated[str, strawberry.argument(name="spoken")] = "nothing",
        of_whom: strawberry.ID | None = None,
        weight: float | None = 0.5,
        colour: Colour = Colour.RED,
        wish: Wish | None = None,
    ) -> str:
        return repr((count, word, of_whom, weight, colour, wish))


@strawberry.type
class Query:
    @strawberry.field
    def speakers(self, *, is_pair: bool = False) -> list[Speaker]:
        return [Speaker()] * (1 + is_pair)


GIVEN = (
    ("count: 7", "count: $count", "count: $other"),
    ("", 'spoken: "caw"', "spoken: $spoken"),
    ("", "ofWhom: $id", "ofWhom: null"),
    ("", "weight: 2", "weight: $weight"),
    ("", "colour: BLUE", "colour: $colour"),
    ("", "wish: {words: [$word]}", "wish: {words: $words}"),
)
DECLARED = """$count: Int!, $other: Int! = 5, $spoken: String! = "croak", $id: ID, $weight: Float, $word: String!,
  $words: [String!]! = ["a"], $colour: Colour! = RED, $isPair: Boolean!"""
ALWAYS = {"count": 1, "word": "fly", "isPair": True}
VARIABLES: list[dict[str, Any]] = [
    ALWAYS,
    ALWAYS | {"spoken": "rook", "id": "x", "weight": 1.5, "other": 6, "colour": "BLUE", "isPair": False},
    ALWAYS | {"id": None, "weight": None, "words": ["b", "c"]},
    ALWAYS | {"id": 9, "weight": 3},
    ALWAYS,
]


async def test_variables_constants_defaults_nulls_and_renamed_arguments_mix_as_with_graphql_core() -> None:
    calls = [f"said({', '.join(filter(None, chosen))})" for chosen in product(*GIVEN)]
    fields = " ".join(f"f{place}: {call}" for place, call in enumerate(calls))
    text = f"query Q({DECLARED}) {{ speakers(isPair: $isPair) {{ {fields} }} }}"
    schema, found = strawberry.Schema(Query), set[str]()
    engine = Engine(schema)
    for variables in VARIABLES:
        answers = await both(engine, schema, text, variables)
        assert answers.engine is not None
        assert answers.engine.formatted == answers.core.formatted, variables
        assert answers.core.data is not None
        found |= {said for speaker in answers.core.data["speakers"] for said in speaker.values()}
    assert len(found) > len(calls) / 2
