"""The table of work: it names what the schema has, and everything that takes a password."""

from graphql import GraphQLObjectType, get_named_type, is_enum_type

from resolvers.rate_limit import POINTS_A_MINUTE
from schema.roots import build_schema
from schema.work import WORK
from transport.execution.compilation import graphql_schema
from transport.limits.limits import DEFAULT_LIMITS

SCHEMA = graphql_schema(build_schema())
PASSWORDS = {"password", "current", "new"}


def test_every_entry_names_a_field_an_argument_and_a_value() -> None:
    for path, work in WORK.fields.items():
        type_name, field_name = path.split(".")
        parent = SCHEMA.get_type(type_name)
        assert isinstance(parent, GraphQLObjectType), path
        assert field_name in parent.fields, path
        for argument, value in work.more:
            enum = get_named_type(parent.fields[field_name].args[argument].type)
            assert is_enum_type(enum), path
            assert value in enum.values, path


def test_every_mutation_that_takes_a_password_is_a_dear_one() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        words = set(field.args)
        for argument in field.args.values():
            words |= set(getattr(get_named_type(argument.type), "fields", ()))
        if words & PASSWORDS:
            assert WORK.fields[f"Mutation.{name}"].points >= 3 * WORK.mutation, name


def test_most_of_what_one_operation_may_cost_is_less_than_a_minute_gives() -> None:
    dearest = max(work.points + sum(work.more.values()) for work in WORK.fields.values())
    assert dearest * DEFAULT_LIMITS.aliases <= POINTS_A_MINUTE
