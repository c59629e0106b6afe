"""Fields that must declare their scopes, and what a field needs that declares none."""

import pytest
import strawberry

from core.auth.scopes import Scope
from schema.roots import build_schema
from schema.values.declared_scopes import ALONE, UndeclaredScopesError, needed_scopes, undeclared_fields
from schema.values.scopes import BY_NOTIFICATIONS, BY_READ, BY_WRITE
from transport.execution.compilation import graphql_schema


def test_a_field_needs_what_it_says_else_what_its_type_says_else_read() -> None:
    @strawberry.type
    class Plain:
        name: str
        secret: str = strawberry.field(directives=BY_WRITE)

    @strawberry.type(directives=BY_NOTIFICATIONS)
    class Note:
        text: str
        draft: str = strawberry.field(directives=BY_WRITE)

    @strawberry.type
    class Query:
        plain: Plain = strawberry.field(directives=BY_READ)
        note: Note = strawberry.field(directives=BY_NOTIFICATIONS)

    assert needed_scopes(graphql_schema(strawberry.Schema(query=Query))) == {
        "Query.plain": (Scope.READ,),
        "Query.note": (Scope.READ, Scope.READ_NOTIFICATIONS),
        "Plain.name": (Scope.READ,),
        "Plain.secret": (Scope.WRITE,),
        "Note.text": (Scope.READ, Scope.READ_NOTIFICATIONS),
        "Note.draft": (Scope.WRITE,),
    }


def test_every_field_that_must_say_its_scopes_says_them() -> None:
    schema = graphql_schema(build_schema())
    assert undeclared_fields(schema) == []
    assert set(ALONE) <= set(schema.type_map)


def test_a_field_that_forgot_its_scopes_is_found() -> None:
    @strawberry.type
    class Pet:
        name: str

    @strawberry.type(directives=BY_NOTIFICATIONS)
    class Viewer:
        pet: Pet = strawberry.field(directives=BY_READ)
        friend: Pet

    @strawberry.type(directives=BY_NOTIFICATIONS)
    class Note:
        text: str
        pet: Pet

    @strawberry.type
    class Query:
        viewer: Viewer
        note: Note = strawberry.field(directives=BY_READ)

    broken = graphql_schema(strawberry.Schema(query=Query))
    assert undeclared_fields(broken) == ["Query.viewer", "Viewer.friend", "Note.pet"]
    with pytest.raises(UndeclaredScopesError, match=r"Query\.viewer"):
        needed_scopes(broken)
