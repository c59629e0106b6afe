"""The compatibility check of the SDL, with breaks planted into small schemas."""

from collections.abc import Iterator
from typing import TypeAlias

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
)

from schema.compatibility import CONTRACT, breaks_of_contract, breaks_of_snapshot
from schema.sdl import print_sdl

Part: TypeAlias = GraphQLField | GraphQLInputField | GraphQLArgument | GraphQLEnumValue
SDL = """
interface Node { id: ID! }
type User implements Node { id: ID! name: String! bio: String tweets(first: Int! = 20, kind: Kind! = ALL): [Tweet!]! }
type Tweet implements Node { id: ID! text: String! }
enum Kind { ALL REPLIES }
union Item = User | Tweet
input PostInput { text: String! key: String tags: [String!]! = [] }
input Choice { id: ID handle: String }
scalar Date
type Query { user(handle: String!): User item: Item day: Date any(by: Choice): User }
type Mutation { post(input: PostInput!): Tweet }
"""


def test_contract_agrees_with_itself() -> None:
    assert breaks_of_contract(CONTRACT.read_text(), CONTRACT.read_text()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type Tweet implements Node { id: ID!", "type Tweet implements Node { id: ID! lang: String!"),
        ("user(handle: String!)", "user(handle: String!, fold: Boolean! = true)"),
        ("user(handle: String!)", "user(handle: String!, locale: String)"),
        ("key: String ", "key: String = null "),
        ("key: String ", "key: String draft: Boolean "),
        ("scalar Date", '"A day." scalar Date scalar Time type Clock { time: Time! }'),
    ],
)
def test_additions_are_free(old: str, new: str) -> None:
    assert breaks_of_contract(planted(old, new), SDL) == []
    assert breaks_of_snapshot(planted(old, new), SDL) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("name: String!", "name: String", "User.name is String, not String!."),
        ("bio: String ", "bio: String! ", "User.bio is String!, not String."),
        ("text: String! }", "text: ID! }", "Tweet.text is ID!, not String!."),
        ("): [Tweet!]!", "): [Tweet]!", "User.tweets is [Tweet]!, not [Tweet!]!."),
        ("first: Int! = 20", "first: Int! = 10", "User.tweets(first:) has changed defaultValue from 20 to 10."),
        ("first: Int! = 20", "first: Int = 20", "User.tweets(first:) is Int, not Int!."),
        ("kind: Kind! = ALL", "kind: Kind!", "User.tweets(kind:) defaultValue was removed."),
        ("handle: String!", 'handle: String! = "a"', 'Query.user(handle:) added a defaultValue "a".'),
        ("(handle: String!)", "(handle: String!, way: Int!)", "A required argument Query.user(way:) was added."),
        ("user(handle: String!)", "user(name: String)", "Argument Query.user(handle:) was removed."),
        (" bio: String ", " ", "Field User.bio was removed."),
        (", kind: Kind! = ALL", "", "Argument User.tweets(kind:) was removed."),
        (" REPLIES", "", "Enum value Kind.REPLIES was removed."),
        ("User | Tweet", "User", "Tweet was removed from union type Item."),
        (" key: String ", " ", "Field PostInput.key was removed."),
        (" day: Date", "", "Field Query.day was removed."),
        ("key: String ", "key: String! ", "PostInput.key is String!, not String."),
        ("= []", '= ["a"]', 'PostInput.tags has changed defaultValue from [] to ["a"].'),
        ("Kind { ALL", "Kind { SOME ALL", "Enum value Kind.SOME was added."),
        ("User | Tweet", "User | Tweet | Query", "Query was added to union type Item."),
        ("Tweet implements Node", "Tweet", "Tweet no longer implements interface Node."),
        ("scalar Date", "enum Date { TODAY }", "Date changed from a Scalar type to an Enum type."),
    ],
)
def test_difference_from_the_contract_is_a_break(old: str, new: str, reason: str) -> None:
    assert breaks_of_contract(planted(old, new), SDL) == [f"breaks schema/contract.graphql: {reason}"]


def test_a_root_of_another_name_is_a_break() -> None:
    breaks = breaks_of_contract(planted("type Mutation", "schema { query: Query mutation: Acts } type Acts"), SDL)
    assert "breaks schema/contract.graphql: Acts stands in place of Mutation." in breaks


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (" bio: String ", " ", "Field User.bio was removed."),
        ("name: String!", "name: String", "Field User.name changed type from String! to String."),
        (" REPLIES", "", "Enum value Kind.REPLIES was removed."),
        (", kind: Kind! = ALL", "", "Argument User.tweets(kind:) was removed."),
        ("first: Int! = 20", "first: Int!", "User.tweets(first:) must be given, since its default was removed."),
        ("[String!]! = []", "[String!]!", "PostInput.tags must be given, since its default was removed."),
        ("type Mutation", "schema { query: Query } type Mutation", "The root of mutation was removed."),
        ("input Choice {", "input Choice @oneOf {", "Choice takes one of its fields only."),
    ],
)
def test_a_removal_from_the_snapshot_is_a_break(old: str, new: str, reason: str) -> None:
    assert breaks_of_snapshot(planted(old, new), SDL) == [f"breaks schema/schema.graphql: {reason}"]


def planted(old: str, new: str) -> str:
    assert SDL.count(old) == 1
    return SDL.replace(old, new)


def test_types_fields_arguments_and_values_have_descriptions() -> None:
    described = [type_ for name, type_ in build_schema(print_sdl()).type_map.items() if not name.startswith("__")]
    assert {type_.name for type_ in described if not type_.description} <= {"Int", "Float", "String", "Boolean", "ID"}
    bare = [f"{type_.name}.{name}" for type_ in described for name, part in parts_of(type_) if not part.description]
    assert bare == []


def parts_of(type_: GraphQLNamedType) -> Iterator[tuple[str, Part]]:
    if isinstance(type_, GraphQLEnumType):
        yield from type_.values.items()
    elif isinstance(type_, GraphQLInputObjectType):
        yield from type_.fields.items()
    elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from type_.fields.items()
        for name, field in type_.fields.items():
            yield from ((f"{name}.{argument}", one) for argument, one in field.args.items())
