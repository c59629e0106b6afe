"""The directive @scopes: by which scopes a token may select a field.

Every root field and every field of Viewer has its own; other fields have that of their type, or need READ.
"""

from typing import Final

import strawberry
from strawberry.schema_directive import Location

from core.auth.scopes import Scope
from schema.values import enums  # noqa: F401 - describes the scopes before they are used


@strawberry.schema_directive(
    name="scopes",
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE],
    description="A scoped token may select the field, or the fields of the type that say nothing else, by any of these "
    "scopes; an empty list: only who signed in may. WRITE includes READ. Where nothing is said a field needs READ.",
)
class Scopes:
    any: list[Scope]


SIGNED_IN_ALONE: Final = (Scopes(any=[]),)
BY_READ: Final = (Scopes(any=[Scope.READ]),)
BY_WRITE: Final = (Scopes(any=[Scope.WRITE]),)
BY_NOTIFICATIONS: Final = (Scopes(any=[Scope.READ, Scope.READ_NOTIFICATIONS]),)
BY_UNREAD_COUNT: Final = (Scopes(any=[Scope.READ, Scope.READ_UNREAD_COUNT]),)
BY_NOTIFICATION_EVENTS: Final = (Scopes(any=[Scope.READ, Scope.READ_NOTIFICATIONS, Scope.READ_UNREAD_COUNT]),)
